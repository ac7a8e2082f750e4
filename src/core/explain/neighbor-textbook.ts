import { otherSide } from '../comparison.ts';
import { type Base, unitOf } from '../log-base.ts';
import type { Points } from '../neighbors/k-d-tree.ts';
import type { PointsComparison } from '../neighbors/neighbor-estimates.ts';
import type { Totals } from '../reductions.ts';
import { weightedSum } from '../weights.ts';

/**
 * KL from the distances of neighbours as its formula says, by comparing each point with all others: in nats or in units of log `base`.
 * A distribution of weight 0 is NaN. Shapes and source as for `neighborEstimates`.
 */
export function neighborTextbook({ points, k, axes, weights }: PointsComparison, base: Base): Totals {
  const of = (d: number) => {
    const [own, other] = [points.target[d], points[otherSide('target')][d]];
    let sum = 0;
    for (let at = 0; at < own.count; at++) {
      const among = distances(own, at, own).toSorted((a, b) => a - b);
      const beyond = distances(own, at, other).toSorted((a, b) => a - b);
      // the first among its own is the point itself
      sum += Math.log(beyond[k - 1] / among[k]);
    }
    return ((own.coordinates * sum) / own.count + Math.log(other.count / (own.count - 1))) / unitOf(base);
  };
  const perDistribution = Float64Array.from(axes.distributionOffsets, (_, d) => (weights?.[d] === 0 ? Number.NaN : of(d)));
  return { terms: new Float64Array(0), perDistribution, sum: weightedSum(perDistribution, weights) };
}

function distances(own: Points, at: number, among: Points): Float64Array {
  const { coordinates } = own;
  return Float64Array.from({ length: among.count }, (_, point) =>
    Math.hypot(
      ...Array.from({ length: coordinates }, (_, axis) => own.data[at * coordinates + axis] - among.data[point * coordinates + axis]),
    ),
  );
}
