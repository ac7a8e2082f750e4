import type { Comparison } from '../comparison.ts';
import type { KindName } from '../kinds.ts';
import { type Base, unitOf } from '../log-base.ts';
import type { Totals } from '../reductions.ts';
import { plainSum } from './plain-sum.ts';

/** The derivation step by step, each a row-major array; logarithms and probabilities in the shape of the operands. */
export type ByHand = Totals & {
  readonly inputLogProbs: Float64Array;
  readonly targetLogProbs: Float64Array;
  readonly inputProbs: Float64Array;
  readonly targetProbs: Float64Array;
};

/**
 * KL(P ‖ Q) as a textbook has it, sharing no arithmetic with the core that it stands beside: log-probabilities, probabilities,
 * P·(log P - log Q) with 0·log 0 = 0, and plain sums, NaN for a distribution of weight 0. Terms and sums are in units of log `base`,
 * log-probabilities in nats. For operands that the core accepts. Kullback and Leibler 1951, doi:10.1214/aoms/1177729694
 */
export function textbook({ input, target, axes, temperature, pseudocount, weights }: Comparison, base: Base): ByHand {
  const { distributionOffsets, outcomeOffsets } = axes;
  const unit = unitOf(base);
  const elements = target.tensor.data.length;
  const empty = () => new Float64Array(elements);
  const hand = { inputLogProbs: empty(), targetLogProbs: empty(), inputProbs: empty(), targetProbs: empty(), terms: empty() };
  const perDistribution = new Float64Array(distributionOffsets.length);

  for (const [d, start] of distributionOffsets.entries()) {
    const places = [...outcomeOffsets].map((step) => start + step);
    if (weights?.[d] === 0) {
      // nothing of it is read
      for (const place of places) for (const values of Object.values(hand)) values[place] = Number.NaN;
      perDistribution[d] = Number.NaN;
      continue;
    }
    const p = formulas[target.kind](places.map((place) => target.tensor.data[place] / temperature + pseudocount));
    const q = formulas[input.kind](places.map((place) => input.tensor.data[place] / temperature + pseudocount));
    for (const [k, place] of places.entries()) {
      [hand.targetLogProbs[place], hand.targetProbs[place]] = p[k];
      [hand.inputLogProbs[place], hand.inputProbs[place]] = q[k];
      hand.terms[place] = p[k][1] === 0 ? 0 : (p[k][1] * (p[k][0] - q[k][0])) / unit;
      perDistribution[d] += hand.terms[place];
    }
  }
  const products = [...perDistribution].map((total, d) => (weights === undefined ? total : weights[d] === 0 ? 0 : weights[d] * total));
  return { ...hand, perDistribution, sum: plainSum(products) };
}

/** [log p, p] of every outcome, from the numbers of one distribution. */
const formulas: Record<KindName, (values: readonly number[]) => (readonly [number, number])[]> = {
  logits: (values) => {
    const largest = values.reduce((a, b) => Math.max(a, b));
    const logNorm = Math.log(plainSum(values.map((x) => Math.exp(x - largest))));
    return formulas.log_probs(values.map((x) => x - largest - logNorm));
  },
  log_probs: (values) => values.map((logP) => [logP, Math.exp(logP)]),
  probs: (values) => values.map((p) => [Math.log(p), p]),
  counts: (values) => {
    const total = plainSum(values);
    return formulas.probs(values.map((count) => count / total));
  },
};
