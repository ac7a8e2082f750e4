import { hasTerms } from '../core/closed-forms/closed-forms.ts';
import { parametricKind } from '../core/closed-forms/parametric-kinds.ts';
import { sideNames } from '../core/comparison.ts';
import { closedFormTextbook } from '../core/explain/closed-form-textbook.ts';
import { asRead } from '../core/explain/library-expressions.ts';
import { libraryResults } from '../core/explain/library-results.ts';
import { neighborTextbook } from '../core/explain/neighbor-textbook.ts';
import { type ByHand, textbook } from '../core/explain/textbook.ts';
import { torchDistribution } from '../core/explain/torch-distributions.ts';
import { kinds } from '../core/kinds.ts';
import { filled } from '../core/outcomes/filled-lists.ts';
import { divisorOf, type Reduction, type ReductionName, reduce, reductions, type Totals } from '../core/reductions.ts';
import { outcomeRows } from '../formats/json/write/json-rows.ts';
import { jsonTensor } from '../formats/json/write/json-tensor.ts';
import { dimsInWords } from '../tensor/axes.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { frameOf, jsonValue } from './json-response.ts';
import { samplesAnswer } from './sampling-response.ts';
import { type AnswerPlan, answerBytes, outcomesBytes } from './solve/answer-size.ts';
import type { DenseSolution, ParametricSolution, PointsSolution, Solution } from './solve/solve.ts';
import { statisticsMember } from './statistics-response.ts';

/** Highest number of elements per tensor: a derivation shows every element several times, and a person must be able to read it. */
export const maxExplainedElements = 10_000;

/** Tensors of each shape that a derivation shows: steps, reductions by hand and by the core, and the results of libraries. */
const shownTensors = 8;

/** Returns the bytes that a derivation has at the most. */
export function explainedBytes({ shape, rest, form, hasStatistics, listed, beside = 0 }: AnswerPlan): number {
  const outcomes = listed === undefined ? 0 : outcomesBytes(listed, rest);
  return shownTensors * answerBytes({ shape, rest, reductions: ['none', 'per_distribution'], form, hasStatistics }) + outcomes + beside;
}

/** Returns the derivation: the steps of the textbook, each reduction by hand and by the core, and the results of other libraries. */
export function explain(solved: Solution) {
  if ('points' in solved) return explainNeighbors(solved);
  return 'sides' in solved ? explainClosedForm(solved) : explainDense(solved);
}

function explainDense(answered: DenseSolution) {
  const solved = filled(answered);
  const { shape, axes, base, input, target, temperature, pseudocount, weights, listed } = solved;
  const hand = textbook(solved, base);
  const compared = { shape, axes, inputKind: input.kind, targetKind: target.kind, temperature, pseudocount, base, weights, hand };
  return {
    ...frameOf(solved),
    ...(listed === undefined ? {} : { outcomes: outcomeRows(listed) }),
    ...(temperature === 1 ? {} : { temperature }),
    ...(pseudocount === 0 ? {} : { pseudocount }),
    ...weightsOf(solved),
    steps: stepsOf(hand, solved),
    reductions: Object.fromEntries(solved.reductions.map((name) => [name, besideTheCore(name, hand, solved)])),
    ...statisticsMember(solved),
    conventions: libraryResults(compared).map(({ value, ...convention }) => ({ ...convention, value: jsonOf(value, solved) })),
    ...samplesAnswer(solved),
    warnings: solved.warnings,
  };
}

/** Returns the derivation of a closed form: the formula with its source, and what torch.distributions answers. */
function explainClosedForm(solved: ParametricSolution) {
  const { kind, shape, axes, base } = solved;
  const { formula, source } = parametricKind(kind);
  const hand = closedFormTextbook(solved, base);
  const { value, ...convention } = torchDistribution(solved, shape, base, hand);
  const along = dimsInWords(axes.dims);
  const unit = base === 'e' ? '' : `, divided by ln ${base}`;
  const total = { value: jsonOf({ shape: axes.shape, data: hand.perDistribution }, solved) };
  const steps = hasTerms(kind)
    ? {
        terms: { formula: `${formula}${unit}`, value: jsonOf({ shape, data: hand.terms }, solved) },
        per_distribution: { formula: `Σ terms along ${along}`, ...total },
      }
    : { per_distribution: { formula: `${formula}${unit}`, ...total } };
  return {
    ...frameOf(solved),
    closed_form: { kind, formula, source },
    ...weightsOf(solved),
    steps,
    reductions: Object.fromEntries(solved.reductions.map((name) => [name, besideTheCore(name, hand, solved)])),
    conventions: [{ ...convention, value: jsonOf(value, solved) }],
    ...statisticsMember(solved),
    warnings: solved.warnings,
  };
}

/** Returns the derivation of an estimate from neighbours, by comparing each point with all others. No library here has the estimate. */
function explainNeighbors(solved: PointsSolution) {
  const { axes, base, k } = solved;
  const hand = neighborTextbook(solved, base);
  const unit = base === 'e' ? '' : `, divided by ln ${base}`;
  const formula = `d/n · Σ ln(ν/ρ) + ln(m/(n − 1))${unit}: ρ from a point of target to its neighbour ${k} there, ν to its neighbour ${k} in input`;
  return {
    ...frameOf(solved),
    ...weightsOf(solved),
    steps: { per_distribution: { formula, value: jsonOf({ shape: axes.shape, data: hand.perDistribution }, solved) } },
    reductions: Object.fromEntries(solved.reductions.map((name) => [name, besideTheCore(name, hand, solved)])),
    conventions: [],
    ...statisticsMember(solved),
    warnings: solved.warnings,
  };
}

function weightsOf(solved: Solution) {
  const { weights, axes } = solved;
  return weights === undefined ? {} : { weights: jsonOf({ shape: axes.shape, data: Float64Array.from(weights) }, solved) };
}

function stepsOf(hand: ByHand, solved: DenseSolution) {
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

/** Reductions whose formula speaks of P and Q, as it is where these have parameters. */
const closedFormulas: Partial<Record<ReductionName, string>> = {
  none: 'KL of each element',
  per_distribution: 'KL of each distribution, of independent elements along dim the sum of theirs',
  sum: 'S = Σ KL',
};

function formulaOf(name: ReductionName, solved: Solution): string {
  const { formula, weighted }: Reduction = reductions[name];
  if (solved.weights !== undefined && weighted !== undefined) return weighted;
  return ('sides' in solved || 'points' in solved ? closedFormulas[name] : undefined) ?? formula;
}

function besideTheCore(name: ReductionName, hand: Totals, solved: Solution) {
  const byHandValue = reduce(name, hand, solved);
  const coreValue = reduce(name, solved.divergence, solved);
  const divisor = divisorOf(name, solved);
  const { form } = solved;
  return {
    formula: formulaOf(name, solved),
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

function jsonOf(tensor: Tensor, { form }: Solution) {
  return jsonTensor(tensor, form);
}
