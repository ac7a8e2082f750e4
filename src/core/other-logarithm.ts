import { float64s } from '../memory/small-arrays.ts';
import { type Axes, offsetsIn } from '../tensor/axes.ts';
import { elementOf, type Numbers, type Tensor } from '../tensor/tensor.ts';
import { sharesAlong } from './shares.ts';

/** Logarithms of probabilities that are no natural ones: what makes natural ones of them. */
const toNatural = { '-log': -1, log2: Math.LN2 };

export type OtherLogarithm = keyof typeof toNatural;

/**
 * Which logarithms of distributions logits are, if other than natural ones: `-log` is that of the other sign. A few numbers end the search
 * nearly always, and whole numbers say nothing: half of a half is a quarter. Those to base 10 are not looked for, as natural ones would
 * have to be added up to tell them from these.
 */
export function otherLogarithmOf(tensor: Tensor<Numbers>, axes: Axes): OtherLogarithm | undefined {
  if (axes.outcomeOffsets.length === 1 || axes.distributionOffsets.length === 0) return undefined;
  const steps = offsetsIn(axes, 0);
  const name = elementOf(tensor, axes.distributionOffsets[0] + steps[0]) > 0 ? '-log' : 'log2';
  const factor = toNatural[name];
  if (!isShareUnder(factor, tensor, axes, steps) || isShareUnder(1, tensor, axes, steps)) return undefined;
  if (tensor.data.every((value) => Number.isInteger(value))) return undefined;
  const shares = sharesAlong(exponentials(tensor.data, factor), axes, 1);
  return shares === undefined || shares.isDecimal ? undefined : name;
}

/** Whether exp(factor · x) of the first distribution sums to about 1. */
function isShareUnder(factor: number, tensor: Tensor<Numbers>, { distributionOffsets }: Axes, steps: Uint32Array): boolean {
  const start = distributionOffsets[0];
  let sum = 0;
  for (let k = 0; k < steps.length && sum < 1.001; k++) sum += Math.exp(factor * elementOf(tensor, start + steps[k]));
  return Math.abs(sum - 1) < 0.001;
}

/** exp(factor · x) of each number. */
export function exponentials(data: Numbers, factor = 1): Float64Array {
  const masses = float64s(data.length);
  for (let element = 0; element < data.length; element++) masses[element] = Math.exp(factor * data[element]);
  return masses;
}
