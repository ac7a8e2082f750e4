import { elementCount, type Tensor } from '../../tensor/tensor.ts';
import { unitOf } from '../log-base.ts';
import { kerasExpressions, type Named, scipyExpressions, torchExpressions } from './library-expressions.ts';
import { kerasPerDistribution, relEntr, scipyEntropy, torchTerms } from './library-formulas.ts';
import type { ByHand } from './textbook.ts';

/** The answer of a library for the same numbers: the expression to type, its value, and a note on its peculiarity. */
export type Convention = {
  readonly library: 'PyTorch' | 'SciPy' | 'Keras';
  readonly expression: string;
  readonly value: Tensor;
  readonly note: string;
};

/** The data of one request, as the libraries would be given them. */
export type Compared = Named & { readonly hand: ByHand };

/**
 * PyTorch's, SciPy's and Keras's answers, quirks included: NaN for 0·∞, normalisation by entropy, clipping by Keras.
 * Expressions take `input` and `target` as float64 arrays: torch tensors for PyTorch, NumPy arrays for the others.
 */
export function libraryResults(compared: Compared): Convention[] {
  return [...pytorch(compared), ...scipy(compared), ...keras(compared)];
}

function pytorch(compared: Compared): Convention[] {
  const { shape, targetKind, base, hand } = compared;
  const terms = torchTerms(hand, targetKind).map((value) => value / unitOf(base));
  const total = plainSum(terms);
  const typed = torchExpressions(compared);
  const library = 'PyTorch';
  return [
    { library, expression: typed('none'), value: { shape, data: terms }, note: 'element by element; NaN where it computes 0·∞' },
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
  const { axes, base, hand } = compared;
  const totals = kerasPerDistribution(hand, axes).map((value) => value / unitOf(base));
  const typed = kerasExpressions(compared);
  const clipped = 'clips both arguments to [1e-7, 1], so it is never infinite and a 0 is not a 0';
  const library = 'Keras';
  return [
    { library, expression: typed.function, value: { shape: axes.shape, data: totals }, note: `per distribution; ${clipped}` },
    {
      library,
      expression: typed.loss,
      value: scalar(plainSum(totals) / totals.length),
      note: `the mean over distributions, in float32 unless told otherwise; ${clipped}`,
    },
  ];
}

const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });

const plainSum = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
