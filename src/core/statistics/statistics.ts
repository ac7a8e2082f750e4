import { float64s, float64sOf, uint32s } from '../../memory/small-arrays.ts';
import { freeingArrays } from '../../memory/task-memory.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import type { Totals } from '../reductions.ts';
import { readDistributions, totalWeight, weightedSum } from '../weights.ts';
import { quantilesOf, weightedQuantilesOf } from './quantiles.ts';
import { spreadOf } from './spread.ts';

/** A number with the error that it has as the mean of a sample; null where there is none. */
export type Share = { readonly share: number; readonly standardError: number | null };

/** What the divergences of the distributions that are read look like, in their unit. */
export type Statistics = {
  readonly count: number;
  readonly infinite: number;
  readonly mean: number;
  /** null where there are fewer than two divergences, or the mean is infinite. */
  readonly standardDeviation: number | null;
  readonly standardError: number | null;
  readonly minimum: number;
  readonly maximum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
  /** The largest first, of equals the first; `at` is the number of the distribution. */
  readonly largest: readonly { readonly at: number; readonly value: number }[];
};

/** The quantiles that `true` stands for: those that llama.cpp prints. */
export const defaultQuantiles = [0.001, 0.01, 0.05, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999];

/** How many of the largest divergences are named. */
export const mostLargest = 10;

/** The quantiles that a request asks for, each once; undefined where it asks for no statistics. */
export function selectQuantiles(asked: boolean | readonly number[] | undefined): readonly number[] | undefined {
  if (asked === undefined || asked === false) return undefined;
  return asked === true ? defaultQuantiles : [...new Set(asked)];
}

/**
 * Describes the divergences of a weight above 0, of which there is at least one. The mean is Σ w·D / Σ w, as `distribution_mean`. The
 * variance is Σ w·(D - mean)² / (Σ w - Σ w² / Σ w), without bias for weights that say how much a distribution counts, and the standard
 * error √(variance·Σ w²) / Σ w: for weights of 0 and 1 the sample's own, and the same when all weights are multiplied by one number.
 */
export function statisticsOf({ perDistribution, sum }: Totals, weights: Numbers | undefined, quantiles: readonly number[]): Statistics {
  const { values, weightOf } = valuesRead(perDistribution, weights);
  const mean = sum / totalWeight(perDistribution.length, weights);
  const { deviation, error } = spreadOf(values, weightOf, mean);
  const infinite = infiniteAmong(values);
  const sorted = weightOf === undefined ? { values: values.sort(), weightOf } : sortedBoth(values, weightOf);
  const quantileAt = sorted.weightOf === undefined ? quantilesOf(sorted.values) : weightedQuantilesOf(sorted.values, sorted.weightOf);
  return {
    count: values.length,
    infinite,
    mean,
    standardDeviation: deviation,
    standardError: error,
    minimum: sorted.values[0],
    maximum: sorted.values[values.length - 1],
    quantiles: quantiles.map((quantile) => ({ quantile, value: quantileAt(quantile) })),
    largest: largestOf(perDistribution, weights),
  };
}

/** The weighted share of the distributions that are read whose flag is 1. */
export function shareOf(flags: Uint8Array, weights: Numbers | undefined): Share {
  const { values, weightOf } = valuesRead(flags, weights);
  const share = freeingArrays(() => weightedSum(float64sOf(flags), weights)) / totalWeight(flags.length, weights);
  return { share, standardError: spreadOf(values, weightOf, share).error };
}

type ValuesRead = {
  /** In memory of their own. */
  readonly values: Float64Array;
  /** Their weights, the largest 1; undefined where all are equal. */
  readonly weightOf: Float64Array | undefined;
};

function valuesRead(all: Float64Array | Uint8Array, weights: Numbers | undefined): ValuesRead {
  const values = float64s(readDistributions(all.length, weights));
  if (weights === undefined) {
    values.set(all);
    return { values, weightOf: undefined };
  }
  const weightOf = float64s(values.length);
  let count = 0;
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let d = 0; d < all.length; d++) {
    if (weights[d] === 0) continue;
    least = Math.min(least, weights[d]);
    most = Math.max(most, weights[d]);
    values[count] = all[d];
    weightOf[count++] = weights[d];
  }
  if (least === most) return { values, weightOf: undefined };
  for (let i = 0; i < count; i++) weightOf[i] /= most;
  return { values, weightOf };
}

/** Both in the order of the values. */
function sortedBoth(values: Float64Array, weightOf: Float64Array) {
  const order = uint32s(values.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  order.sort((a, b) => (values[a] < values[b] ? -1 : Number(values[a] > values[b])));
  const sorted = { values: float64s(order.length), weightOf: float64s(order.length) };
  for (let k = 0; k < order.length; k++) {
    sorted.values[k] = values[order[k]];
    sorted.weightOf[k] = weightOf[order[k]];
  }
  return sorted;
}

function infiniteAmong(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === Number.POSITIVE_INFINITY) count++;
  return count;
}

function largestOf(perDistribution: Float64Array, weights: Numbers | undefined) {
  const largest: { at: number; value: number }[] = [];
  for (let at = 0; at < perDistribution.length; at++) {
    const value = perDistribution[at];
    if (weights?.[at] === 0 || (largest.length === mostLargest && value <= largest[mostLargest - 1].value)) continue;
    const place = largest.findIndex((other) => other.value < value);
    largest.splice(place === -1 ? largest.length : place, 0, { at, value });
    if (largest.length > mostLargest) largest.pop();
  }
  return largest;
}
