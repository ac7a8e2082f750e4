import { faultList } from '../../errors/fault-list.ts';
import type { Fault } from '../../errors/request-error.ts';
import { float64s } from '../../memory/small-arrays.ts';
import type { Axes } from '../../tensor/axes.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import type { ClosedDivergence } from '../closed-forms/closed-forms.ts';
import { logQuotient } from '../closed-forms/gaps.ts';
import { otherSide, type SideName } from '../comparison.ts';
import { compensatedSum } from '../compensated-sum.ts';
import { smallestNormal } from '../distribution.ts';
import { type Base, unitOf } from '../log-base.ts';
import type { Totals } from '../reductions.ts';
import { weightedSum } from '../weights.ts';
import { KdTree, type Points, scaled } from './k-d-tree.ts';

/** Continuous observations on both sides, of P in `target` and of Q in `input`: points of each distribution. */
export type PointsComparison = {
  readonly points: Readonly<Record<SideName, readonly Points[]>>;
  /** Which neighbour's distance is taken. */
  readonly k: number;
  readonly axes: Axes;
  readonly weights?: Numbers | undefined;
};

type NeighborOptions = { readonly base: Base; readonly check?: (() => void) | undefined };

/** Points between two checks for a cancellation. */
const checkEvery = 2 ** 8;

/**
 * Estimates divergences from the distances of neighbours, in nats or in units of log `base`: Wang, Kulkarni and Verdú 2009,
 * doi:10.1109/TIT.2009.2016060, equation 5. With n points of P and m of Q in d dimensions, ρ the Euclidean distance from a point of P to
 * its k-th neighbour among the others of P, and ν that to its k-th neighbour among those of Q, KL is about d/n · Σ ln(ν/ρ) + ln(m/(n − 1)).
 * Each direction is computed once, whatever is asked for. A distribution of weight 0 is not read, and NaN.
 * @throws RequestError REPEATED_OBSERVATIONS where a distance is 0, whose logarithm is infinite; INVALID_VALUE where its square underflows
 */
export function neighborEstimates(
  comparison: PointsComparison,
  asked: readonly ClosedDivergence[],
  { base, check = () => {} }: NeighborOptions,
): Totals[] {
  const { points, axes, weights } = comparison;
  const distributions = axes.distributionOffsets.length;
  const directions = directionsOf(asked);
  const found = directions.map(() => float64s(distributions));
  const faults = faultList();
  const unit = unitOf(base);
  for (let d = 0; d < distributions; d++) {
    if (weights?.[d] === 0) {
      for (const values of found) values[d] = Number.NaN;
      continue;
    }
    const [input, target] = scaled([points.input[d], points.target[d]]);
    const trees = { input: new KdTree(input, check), target: new KdTree(target, check) };
    for (const [index, side] of directions.entries()) {
      const onTooNear = (at: number, among: SideName) =>
        faults.add(() => {
          const where = { pointer: points[side][d].pointerTo(at), side, among, index: [...rowOf(axes, d), at], k: comparison.k };
          return isRepeated(points[side][d], at, points[among][d], comparison.k) ? repeated(where) : tooNear(where);
        });
      found[index][d] = directed(trees[side], trees[otherSide(side)], side, comparison.k, onTooNear, check) / unit;
    }
  }
  faults.throwIfAny();
  return asked.map((name) => {
    const parts = found.filter((_, index) => sidesOf[name].includes(directions[index]));
    const perDistribution = parts.length === 1 ? parts[0] : parts[0].map((value, d) => value + parts[1][d]);
    return { terms: new Float64Array(0), perDistribution, sum: weightedSum(perDistribution, weights) };
  });
}

/** The sides that a divergence takes as P: its direction, or both. */
const sidesOf: Readonly<Record<ClosedDivergence, readonly SideName[]>> = {
  kl: ['target'],
  reverse_kl: ['input'],
  jeffreys: ['target', 'input'],
};

function directionsOf(asked: readonly ClosedDivergence[]): SideName[] {
  return [...new Set(asked.flatMap((name) => sidesOf[name]))];
}

function directed(
  own: KdTree,
  other: KdTree,
  side: SideName,
  k: number,
  onTooNear: (at: number, among: SideName) => void,
  check: () => void,
): number {
  const { points } = own;
  const [nearest, logRatios] = [float64s(k), float64s(points.count)];
  for (let at = 0; at < points.count; at++) {
    if (at % checkEvery === 0) check();
    const rho = own.squaredDistance(points, at, nearest, true);
    const nu = other.squaredDistance(points, at, nearest, false);
    // squares that are subnormal have lost digits
    if (rho < smallestNormal) onTooNear(at, side);
    else if (nu < smallestNormal) onTooNear(at, otherSide(side));
    logRatios[at] = logQuotient(nu, rho) / 2;
  }
  return (points.coordinates * compensatedSum(logRatios)) / points.count + Math.log(other.points.count / (points.count - 1));
}

/** The index of a distribution, where there are several. */
function rowOf({ shape }: Axes, d: number): number[] {
  return shape.length === 0 ? [] : [d];
}

/** Whether k others stand at the same place as a point: those of its own side without itself. */
function isRepeated(own: Points, at: number, others: Points, k: number): boolean {
  const { coordinates } = own;
  let same = own === others ? -1 : 0;
  for (let other = 0; other < others.count && same < k; other++) {
    let axis = 0;
    while (axis < coordinates && own.data[at * coordinates + axis] === others.data[other * coordinates + axis]) axis++;
    if (axis === coordinates) same++;
  }
  return same === k;
}

/** A point whose distance to a neighbour has no logarithm. */
type Place = {
  readonly pointer: string;
  readonly side: SideName;
  readonly among: SideName;
  readonly index: readonly number[];
  readonly k: number;
};

function repeated({ pointer, side, among, index, k }: Place): Fault {
  const detail =
    `observation [${index.join(', ')}] of ${side} stands at the same place as ${k} or more ${othersOf(side, among)}, so that the distance to its neighbour is 0 and the estimate infinite: ` +
    'send a larger k, or take repeated observations out; values that repeat by their nature are compared in bins, with "estimator": "bins"';
  return { pointer, code: 'REPEATED_OBSERVATIONS', detail };
}

function tooNear({ pointer, side, among, index, k }: Place): Fault {
  const detail =
    `observation [${index.join(', ')}] of ${side} is too near to its neighbour ${k} among ${othersOf(side, among)} to be measured: ` +
    'the distance is below 1e-304 of the largest coordinate of both sides, whose square float64 has no room for. Take the largest observations out, or bring them nearer';
  return { pointer, code: 'INVALID_VALUE', detail };
}

function othersOf(side: SideName, among: SideName): string {
  return side === among ? 'other observations' : `observations of ${among}`;
}
