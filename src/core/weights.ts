import { float64s, float64sOf } from '../memory/small-arrays.ts';
import { freeingArrays } from '../memory/task-memory.ts';
import { type Axes, someOf } from '../tensor/axes.ts';
import type { Numbers } from '../tensor/tensor.ts';
import { sumRoundedOnce } from './compensated-sum.ts';

/** The least sum of weights that averages divide by: with smaller ones, products with divergences of 1e-50 would leave float64. */
export const leastTotalWeight = 1e-250;

/** Σ w·x over the distributions that are read, those of a weight above 0; Σ x without weights. Rounded once, so that no order matters. */
export function weightedSum(values: Float64Array, weights: Numbers | undefined): number {
  if (weights === undefined) return sumRoundedOnce(values);
  return freeingArrays(() => {
    const products = float64s(values.length);
    for (let d = 0; d < values.length; d++) if (weights[d] !== 0) products[d] = weights[d] * values[d];
    return sumRoundedOnce(products);
  });
}

/** Σ w of so many distributions: how many there are without weights. */
export function totalWeight(distributions: number, weights: Numbers | undefined): number {
  return weights === undefined ? distributions : freeingArrays(() => sumRoundedOnce(float64sOf(weights)));
}

/** How many distributions are read. */
export function readDistributions(distributions: number, weights: Numbers | undefined): number {
  if (weights === undefined) return distributions;
  let count = 0;
  for (let d = 0; d < weights.length; d++) if (weights[d] !== 0) count++;
  return count;
}

/** The axes without the distributions that are not read. */
export function readAxes(axes: Axes, weights: Numbers | undefined): Axes {
  if (weights?.includes(0) !== true) return axes;
  return someOf(axes, (d) => weights[d] !== 0);
}
