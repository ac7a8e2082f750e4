import { float64s } from '../memory/small-arrays.ts';
import { type Axes, offsetsIn } from '../tensor/axes.ts';
import { elementOf, type Numbers, type Tensor } from '../tensor/tensor.ts';
import { sharesAlong } from './shares.ts';

/** Logarithms of probabilities that are no natural ones: what makes natural ones of them. */
const toNatural = { '-log': -1, log2: Math.LN2, log10: Math.LN10 };

export type OtherLogarithm = keyof typeof toNatural;

/**
 * Which logarithms of distributions logits are, if other than natural ones: `-log` is that of the other sign. The first distribution ends
 * the search nearly always, and whole numbers say nothing: half of a half is a quarter.
 */
export function otherLogarithmOf(tensor: Tensor<Numbers>, axes: Axes): OtherLogarithm | undefined {
  const isShareUnder = (factor: number) => {
    let sum = 0;
    const [start] = axes.distributionOffsets;
    for (const step of offsetsIn(axes, 0)) {
      sum += Math.exp(factor * elementOf(tensor, start + step));
      if (!(sum < 1.001)) return false;
    }
    return sum > 0.999;
  };
  if (axes.outcomeOffsets.length === 1) return undefined;
  for (const name of ['-log', 'log2', 'log10'] as const) {
    const factor = toNatural[name];
    if (!isShareUnder(factor) || isShareUnder(1) || tensor.data.every((value) => Number.isInteger(value))) continue;
    const shares = sharesAlong(exponentials(tensor.data, factor), axes, 1);
    if (shares !== undefined && !shares.isDecimal) return name;
  }
  return undefined;
}

/** exp(factor · x) of each number. */
export function exponentials(data: Numbers, factor = 1): Float64Array {
  const masses = float64s(data.length);
  for (let element = 0; element < data.length; element++) masses[element] = Math.exp(factor * data[element]);
  return masses;
}
