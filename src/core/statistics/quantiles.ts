import { float64s } from '../../memory/small-arrays.ts';
import { freeingArrays } from '../../memory/task-memory.ts';
import { summing } from './spread.ts';

/** Linear interpolation at q·(n - 1): NumPy's default, type 7 of Hyndman and Fan. doi:10.1080/00031305.1996.10473566 */
export function quantilesOf(sorted: { readonly length: number; readonly at: (rank: number) => number | undefined }) {
  return (quantile: number): number => {
    const at = quantile * (sorted.length - 1);
    const below = Math.floor(at);
    return between(Number(sorted.at(below)), Number(sorted.at(Math.ceil(at))), at - below);
  };
}

/** A part of 0 takes nothing of the upper value, even where that is infinite. */
function between(lower: number, upper: number, part: number): number {
  if (part === 0 || lower === upper) return lower;
  if (!Number.isFinite(upper)) return upper;
  const step = upper - lower;
  return part < 0.5 ? lower + step * part : upper - step * (1 - part);
}

/**
 * The mean over a window of the weight in order of the values, as wide as one of n = (Σ w)² / Σ w² equal weights, which begins at
 * q·(n - 1) / n: for equal weights the interpolation above. Akinshin, Weighted quantile estimators, arXiv:2304.07265
 */
export function weightedQuantilesOf(sorted: Float64Array, weightOf: Float64Array): (quantile: number) => number {
  // where the weight of each value ends
  const ends = float64s(sorted.length);
  let weight = 0;
  for (let k = 0; k < sorted.length; k++) ends[k] = weight += weightOf[k];
  const width = freeingArrays(() => summing(weightOf.length)((i) => weightOf[i] * weightOf[i])) / weight;
  return (quantile) => {
    const start = quantile * (weight - width);
    let k = firstAbove(ends, start);
    let [total, taken] = [0, 0];
    for (let from = start; k < sorted.length && from < start + width; from = ends[k++]) {
      const part = Math.min(ends[k], start + width) - from;
      if (part <= 0) continue;
      total += part * sorted[k];
      taken += part;
    }
    return total / taken;
  };
}

/** The first place in an ascending list that holds more than `bound`; the last place where none does. */
function firstAbove(ascending: Float64Array, bound: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
