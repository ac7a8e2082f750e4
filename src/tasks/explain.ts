import { sideNames } from '../core/comparison.ts';
import { asRead } from '../core/explain/library-expressions.ts';
import { libraryResults } from '../core/explain/library-results.ts';
import { type ByHand, textbook } from '../core/explain/textbook.ts';
import { kinds } from '../core/kinds.ts';
import { divisorOf, type Reduction, type ReductionName, reduce, reductions } from '../core/reductions.ts';
import { jsonTensor } from '../formats/json/write/json-tensor.ts';
import { dimsInWords } from '../tensor/axes.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type AnswerPlan, answerBytes } from './answer-size.ts';
import { frameOf, jsonValue } from './json-response.ts';
import { samplesAnswer } from './sampling-response.ts';
import type { Solution } from './solve.ts';
import { statisticsMember } from './statistics-response.ts';

/** Highest number of elements per tensor: a derivation shows every element several times, and a person must be able to read it. */
export const maxExplainedElements = 10_000;

/** Tensors of each shape that a derivation shows: steps, reductions by hand and by the core, and the results of libraries. */
const shownTensors = 8;

/** Returns the bytes that a derivation has at the most. */
export function explainedBytes({ shape, rest, form, hasStatistics, beside = 0 }: AnswerPlan): number {
  return shownTensors * answerBytes({ shape, rest, reductions: ['none', 'per_distribution'], form, hasStatistics }) + beside;
}

/** Returns the derivation: the steps of the textbook, each reduction by hand and by the core, and the results of other libraries. */
export function explain(solved: Solution) {
  const { shape, axes, base, input, target, temperature, pseudocount, weights } = solved;
  const hand = textbook(solved, base);
  const compared = { shape, axes, inputKind: input.kind, targetKind: target.kind, temperature, pseudocount, base, weights, hand };
  return {
    ...frameOf(solved),
    ...(temperature === 1 ? {} : { temperature }),
    ...(pseudocount === 0 ? {} : { pseudocount }),
    ...(weights === undefined ? {} : { weights: jsonOf({ shape: axes.shape, data: Float64Array.from(weights) }, solved) }),
    steps: stepsOf(hand, solved),
    reductions: Object.fromEntries(solved.reductions.map((name) => [name, besideTheCore(name, hand, solved)])),
    ...statisticsMember(solved),
    conventions: libraryResults(compared).map(({ value, ...convention }) => ({ ...convention, value: jsonOf(value, solved) })),
    ...samplesAnswer(solved),
    warnings: solved.warnings,
  };
}

function stepsOf(hand: ByHand, solved: Solution) {
  const { shape, axes, base, input, target } = solved;
  const [q, p] = sideNames.map((name) => asRead(name, solved));
  const along = dimsInWords(axes.dims);
  const unit = base === 'e' ? '' : ` / ln ${base}`;
  const step = (formula: string, data: Float64Array, of: readonly number[] = shape) => ({
    formula,
    value: jsonOf({ shape: of, data }, solved),
  });
  return {
    input_log_probs: step(`log Q = ${kinds[input.kind].logProbs(q, along)}`, hand.inputLogProbs),
    target_log_probs: step(`log P = ${kinds[target.kind].logProbs(p, along)}`, hand.targetLogProbs),
    target_probs: step(`P = ${kinds[target.kind].probs(p, along)}`, hand.targetProbs),
    terms: step(`P · (log P − log Q)${unit}, 0 where P = 0`, hand.terms),
    per_distribution: step(`Σ terms along ${along}`, hand.perDistribution, axes.shape),
  };
}

function besideTheCore(name: ReductionName, hand: ByHand, solved: Solution) {
  const byHandValue = reduce(name, hand, solved);
  const coreValue = reduce(name, solved.divergence, solved);
  const divisor = divisorOf(name, solved);
  const { form } = solved.input.tensor;
  const reduction: Reduction = reductions[name];
  return {
    formula: (solved.weights && reduction.weighted) ?? reduction.formula,
    ...(divisor === undefined ? {} : { divisor }),
    by_hand: jsonValue(byHandValue, form),
    core: jsonValue(coreValue, form),
    difference: jsonNumber(largestDifference(byHandValue, coreValue)),
  };
}

// two equal infinities, or two results that were not read, differ by 0; their difference would be NaN
function largestDifference(a: number | Tensor, b: number | Tensor): number {
  if (typeof a === 'number' || typeof b === 'number') return Object.is(a, b) ? 0 : Math.abs(Number(a) - Number(b));
  return a.data.reduce((largest, value, element) => Math.max(largest, largestDifference(value, b.data[element])), 0);
}

function jsonOf(tensor: Tensor, { input }: Solution) {
  return jsonTensor(tensor, input.tensor.form);
}
