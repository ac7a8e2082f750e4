import { float64s } from '../../memory/small-arrays.ts';
import { logMass } from '../distribution.ts';
import { type DistributionReader, hasNoMass } from '../distribution-reader.ts';
import { logRatioOf } from '../log-ratio.ts';

/**
 * One distribution on both sides, read and normalised once, for all divergences. Of rows of different lengths the arrays are as long as the
 * row.
 */
export type Pair = {
  /** P, the masses of target, and Q, those of input. */
  p: Float64Array;
  q: Float64Array;
  /** log p - log q in nats: Infinity where only P has mass, -Infinity where only Q has, 0 where neither has. */
  d: Float64Array;
  /** As many numbers, which every computation overwrites. */
  scratch: Float64Array;
  /** Whether the service normalises both sides, so that their masses are 1. */
  readonly normalizes: boolean;
  /** log p and log q of an outcome in nats, which keep their digits where the mass is too small for float64. */
  readonly logP: (k: number) => number;
  readonly logQ: (k: number) => number;
};

/**
 * Returns a pair, and `compare`, which fills in `d` after both sides have been read.
 * @param longest how many outcomes the longest row has
 */
export function createPair(target: DistributionReader, input: DistributionReader, longest: number): { pair: Pair; compare: () => void } {
  const logRatio = logRatioOf(target.kind, input.kind);
  const whole = { d: float64s(longest), scratch: float64s(longest) };
  const pair: Pair = {
    p: target.current.mass,
    q: input.current.mass,
    ...whole,
    normalizes: target.kind.normalizes && input.kind.normalizes,
    logP: (k) => logMass(target.current, target.kind.scale, k),
    logQ: (k) => logMass(input.current, input.kind.scale, k),
  };
  function compare(): void {
    const logRatioAt = logRatio(target.current, input.current);
    pair.p = target.current.mass;
    pair.q = input.current.mass;
    if (pair.d.length !== pair.p.length) {
      pair.d = whole.d.subarray(0, pair.p.length);
      pair.scratch = whole.scratch.subarray(0, pair.p.length);
    }
    const { d } = pair;
    for (let k = 0; k < d.length; k++) {
      if (!hasNoMass(target, k)) d[k] = hasNoMass(input, k) ? Number.POSITIVE_INFINITY : logRatioAt(k);
      else d[k] = hasNoMass(input, k) ? 0 : Number.NEGATIVE_INFINITY;
    }
  }
  return { pair, compare };
}
