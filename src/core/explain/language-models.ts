import { unitOf } from '../log-base.ts';
import { type Compared, type Convention, scalar } from './convention.ts';
import { plainSum } from './plain-sum.ts';

/**
 * What tools for language models print for the same data, where they have a word for it: they compare logits along the last axis, and
 * know weights of 0 and 1.
 */
export function languageModelResults(compared: Compared): Convention[] {
  const { shape, axes, inputKind, targetKind, weights } = compared;
  const { dims } = axes;
  const isLastAxis = dims.length === 1 && dims[0] === shape.length - 1;
  const isMask = weights === undefined || weights.every((weight) => weight === 0 || weight === 1);
  if (inputKind !== 'logits' || targetKind !== 'logits' || !isLastAxis || !isMask) return [];
  return [...trl(compared), ...(compared.temperature === 1 ? llamaCpp(compared) : [])];
}

/**
 * TRL's GKDTrainer.generalized_jsd_loss, which at β 0 and 1 is a KL divergence: of the student from the teacher, and the reverse. Reduction
 * batchmean divides by the labels that are not -100, and without labels by size(0). huggingface/trl trl/experimental/gkd/gkd_trainer.py
 */
function trl(compared: Compared): Convention[] {
  const { shape, temperature, base, hand, weights } = compared;
  const rows = rowsOf(compared);
  const divisor = weights === undefined ? shape[0] : Math.max(rows.length, 1);
  const total = (p: Float64Array, q: Float64Array) =>
    plainSum(rows.map((row) => plainSum(row.map((place) => Math.exp(p[place]) * (p[place] - q[place])))));
  const expression = (beta: number) => {
    const labels = weights === undefined ? '' : ', labels=torch.where(weights > 0, 0, -100)';
    const tempered = temperature === 1 ? '' : `, temperature=${temperature}`;
    return `GKDTrainer.generalized_jsd_loss(input, target${labels}, beta=${beta}${tempered})${base === 'e' ? '' : ` / np.log(${base})`}`;
  };
  const divided = weights === undefined ? `divides by size(0) = ${divisor}` : `divides by the ${divisor} labels that are not -100`;
  const row = (beta: number, value: number, note: string): Convention => ({
    library: 'TRL',
    expression: expression(beta),
    value: scalar(value / divisor / unitOf(base)),
    note: `${note}; ${divided}${temperature === 1 ? '' : ', and multiplies nothing by the square of the temperature'}`,
  });
  const { inputLogProbs, targetLogProbs } = hand;
  return [
    row(0, total(targetLogProbs, inputLogProbs), 'D(target || input), with input as the student'),
    row(1, total(inputLogProbs, targetLogProbs), 'the reverse divergence, D(input || target)'),
  ];
}

/** Outcomes of less are left out, and the file with the base model's logits holds no less. */
const lowestLogProb = -16;

/**
 * llama-perplexity --kl-divergence: P comes from a file that holds 16 bits for each log-probability, 16 nats deep, so it does not quite
 * sum to 1. ggml-org/llama.cpp tools/perplexity/perplexity.cpp
 */
function llamaCpp(compared: Compared): Convention[] {
  const { targetLogProbs, inputLogProbs } = compared.hand;
  const tokens = rowsOf(compared).map((row) => {
    const p = fromFile(row.map((place) => targetLogProbs[place]));
    const q = row.map((place) => inputLogProbs[place]);
    return { kld: plainSum(p.map((logP, k) => (logP > lowestLogProb ? Math.exp(logP) * (logP - q[k]) : 0))), isSameTop: top(p) === top(q) };
  });
  if (tokens.length === 0) return [];
  const values = tokens.map(({ kld }) => kld).sort((a, b) => a - b);
  const middle = (values.length - 1) / 2;
  const printed: Record<string, number> = {
    'Mean KLD': plainSum(values) / values.length,
    'Maximum KLD': values[values.length - 1],
    'Median KLD': (values[Math.floor(middle)] + values[Math.ceil(middle)]) / 2,
    'Same top p': tokens.filter(({ isSameTop }) => isSameTop).length / values.length,
  };
  const note = 'in nats and float32, from 100 tokens on; P is read from 16 bits, and outcomes with log P ≤ −16 are left out';
  return Object.entries(printed).map(([name, value]) => ({
    library: 'llama.cpp',
    expression: `llama-perplexity --kl-divergence --kl-divergence-base target  # ${name}`,
    value: scalar(value),
    note: name === 'Same top p' ? 'the share of tokens whose most likely outcome is the same, the first of equals' : note,
  }));
}

/** Log-probabilities as the file gives them back. */
function fromFile(logProbs: readonly number[]): number[] {
  const highest = Math.max(...logProbs);
  const lowest = Math.max(Math.min(...logProbs), highest + lowestLogProb);
  const scale = Math.fround((highest - lowest) / 65535);
  return logProbs.map((logP) => Math.fround(scale * (logP <= lowest ? 0 : Math.round((logP - lowest) / scale)) + Math.fround(lowest)));
}

function top(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** The places of the outcomes of every distribution that is read. */
function rowsOf({ axes, weights }: Compared): number[][] {
  const read = [...axes.distributionOffsets].filter((_, d) => weights?.[d] !== 0);
  return read.map((start) => [...axes.outcomeOffsets].map((offset) => start + offset));
}
