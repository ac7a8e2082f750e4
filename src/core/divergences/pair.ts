import { float64s } from '../../memory/small-arrays.ts';
import { logMass } from '../distribution.ts';
import type { DistributionReader } from '../distribution-reader.ts';
import { hasNoMass } from '../divergence.ts';
import { logRatioOf } from '../log-ratio.ts';

/** One distribution on both sides, read and normalised once, for all divergences. */
export type Pair = {
  /** P, the masses of target, and Q, those of input. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** log p - log q in nats: Infinity where only P has mass, -Infinity where only Q has, 0 where neither has. */
  readonly d: Float64Array;
  /** Whether the service normalises both sides, so that their masses are 1. */
  readonly normalises: boolean;
  /** log p and log q of an outcome in nats, which keep their digits where the mass is too small for float64. */
  readonly logP: (k: number) => number;
  readonly logQ: (k: number) => number;
};

/** Returns a pair, and `compare`, which fills in `d` after both sides have been read. */
export function createPair(target: DistributionReader, input: DistributionReader): { pair: Pair; compare: () => void } {
  const logRatio = logRatioOf(target.kind, input.kind);
  const d = float64s(target.current.mass.length);
  const pair: Pair = {
    p: target.current.mass,
    q: input.current.mass,
    d,
    normalises: target.kind.normalises && input.kind.normalises,
    logP: (k) => logMass(target.current, target.kind.scale, k),
    logQ: (k) => logMass(input.current, input.kind.scale, k),
  };
  function compare(): void {
    const logRatioAt = logRatio(target.current, input.current);
    for (let k = 0; k < d.length; k++) {
      if (!hasNoMass(target, k)) d[k] = hasNoMass(input, k) ? Number.POSITIVE_INFINITY : logRatioAt(k);
      else d[k] = hasNoMass(input, k) ? 0 : Number.NEGATIVE_INFINITY;
    }
  }
  return { pair, compare };
}
