import { elementCount, type Numbers } from '../../tensor/tensor.ts';
import { unitOf } from '../log-base.ts';
import { type Compared, type Convention, scalar } from './convention.ts';
import { languageModelResults } from './language-models.ts';
import { kerasExpressions, scipyExpressions, torchExpressions, torchWeightedExpressions } from './library-expressions.ts';
import { kerasPerDistribution, relEntr, scipyEntropy, torchTerms } from './library-formulas.ts';
import { plainSum } from './plain-sum.ts';

/**
 * The answers of libraries, quirks included: NaN for 0·∞, normalisation by entropy, clipping by Keras. Nothing is known of distributions
 * of weight 0: they are NaN here, whatever a library would make of them, as the note says.
 * Expressions take `input` and `target` as float64 arrays: torch tensors for PyTorch, NumPy arrays for the others.
 */
export function libraryResults(compared: Compared): Convention[] {
  const results = [...pytorch(compared), ...scipy(compared), ...keras(compared), ...languageModelResults(compared)];
  const { weights, axes } = compared;
  if (!weights?.includes(0)) return results;
  const isOne = axes.distributionOffsets.length === 1;
  const hasUnread = ({ data }: Convention['value']) => (isOne || data.length > 1) && data.some(Number.isNaN);
  const unread = 'NaN stands for distributions of weight 0, which the library would compute';
  return results.map((result) => (hasUnread(result.value) ? { ...result, note: `${result.note}; ${unread}` } : result));
}

function pytorch(compared: Compared): Convention[] {
  const { shape, targetKind, base, hand, weights } = compared;
  const terms = torchTerms(hand, targetKind).map((value) => value / unitOf(base));
  const typed = torchExpressions(compared);
  const library = 'PyTorch';
  const none = {
    library,
    expression: typed('none'),
    value: { shape, data: terms },
    note: 'element by element; NaN where it computes 0·∞',
  } as const;
  if (weights !== undefined) return [none, ...weightedPytorch(compared, terms, weights)];
  const total = plainSum(terms);
  return [
    none,
    { library, expression: typed('sum'), value: scalar(total), note: 'the sum of all terms' },
    {
      library,
      expression: typed('mean'),
      value: scalar(total / elementCount(shape)),
      note: "divides by the number of elements; this is kl_div's default",
    },
    {
      library,
      expression: typed('batchmean'),
      value: scalar(total / shape[0]),
      note: `divides by size(0) = ${shape[0]}, whatever lies along that axis`,
    },
  ];
}

/** What one types around kl_div, whose own reductions know no weights, and with the rows that a mask selects. */
function weightedPytorch(compared: Compared, terms: Float64Array, weights: Numbers): Convention[] {
  const { axes } = compared;
  const typed = torchWeightedExpressions(compared);
  const divergences = Float64Array.from(axes.distributionOffsets, (start) =>
    axes.outcomeOffsets.reduce((sum, offset) => sum + terms[start + offset], 0),
  );
  const total = plainSum(weighted(divergences, weights));
  const library = 'PyTorch';
  const rows: Convention[] = [
    { library, expression: typed.sum, value: scalar(total), note: 'the weighted sum; kl_div itself knows no weights' },
    {
      library,
      expression: typed.mean,
      value: scalar(total / plainSum(Float64Array.from(weights))),
      note: 'the weighted mean, divided by the sum of the weights',
    },
  ];
  if (typed.selected === undefined || !weights.every((weight) => weight === 0 || weight === 1)) return rows;
  const value = scalar(total / weights.filter((weight) => weight === 1).length);
  return [...rows, { library, expression: typed.selected, value, note: 'the rows that the mask selects; divides by their number' }];
}

/** w·x of what is read, 0 elsewhere. */
function weighted(values: Float64Array, weights: Numbers): Float64Array {
  return values.map((value, d) => (weights[d] === 0 ? 0 : weights[d] * value));
}

function scipy(compared: Compared): Convention[] {
  const { shape, axes, base, hand } = compared;
  const terms = hand.targetProbs.map((p, element) => relEntr(p, hand.inputProbs[element]) / unitOf(base));
  const entropies = scipyEntropy(hand, axes).map((value) => value / unitOf(base));
  const typed = scipyExpressions(compared);
  const library = 'SciPy';
  return [
    {
      library,
      expression: typed.entropy,
      value: { shape: axes.shape, data: entropies },
      note: 'per distribution; divides both arguments by their sums first',
    },
    {
      library,
      expression: typed.relEntr,
      value: { shape, data: terms },
      note: 'element by element; normalises nothing, 0 where both are 0',
    },
  ];
}

function keras(compared: Compared): Convention[] {
  const { axes, base, hand, weights } = compared;
  const totals = kerasPerDistribution(hand, axes).map((value) => value / unitOf(base));
  const typed = kerasExpressions(compared);
  const clipped = 'clips both arguments to [1e-7, 1], so it is never infinite and a 0 is not a 0';
  const library = 'Keras';
  const isWeighted = weights !== undefined;
  return [
    { library, expression: typed.function, value: { shape: axes.shape, data: totals }, note: `per distribution; ${clipped}` },
    {
      library,
      expression: isWeighted ? typed.weightedLoss : typed.loss,
      value: scalar(plainSum(isWeighted ? weighted(totals, weights) : totals) / totals.length),
      note: `${isWeighted ? 'the weighted sum, divided by the number of all' : 'the mean over'} distributions, in float32 unless told otherwise; ${clipped}`,
    },
  ];
}
