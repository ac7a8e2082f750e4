import { type Distribution, logMass, smallestNormal } from './distribution.ts';
import type { Kind } from './kinds.ts';

/** log p - log q of outcome k, in nats. Only asked for where p > 0; Infinity where q has no mass. */
export type LogRatio = (p: Distribution, q: Distribution, k: number) => number;

/** The most accurate difference of logarithms that two kinds allow. */
export function logRatioOf(target: Kind, input: Kind): LogRatio {
  if (target.scale === 'log' && input.scale === 'log') return ofLogs;
  if (target.scale === 'linear' && input.scale === 'linear') return ofMasses;
  return (p, q, k) => logMass(p, target.scale, k) - logMass(q, input.scale, k);
}

// each side's own maximum goes first, so that no offset between the sides costs digits; what that subtraction rounds away is
// put back, so that P ≈ Q loses none either. The normalisers' rounding is common to all outcomes
function ofLogs(p: Distribution, q: Distribution, k: number): number {
  const logP = p.values[k] - p.shift;
  const logQ = q.values[k] - q.shift;
  if (logQ === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const lost = lostIn(p.values[k], p.shift, logP) - lostIn(q.values[k], q.shift, logQ);
  return logP - logQ + lost - (p.logNorm - q.logNorm);
}

/** x - y minus its rounded value, exactly. Knuth's TwoSum: The Art of Computer Programming 2, section 4.2.2, theorem B */
function lostIn(x: number, y: number, difference: number): number {
  const minusY = difference - x;
  return x - (difference - minusY) - (y + minusY);
}

// never a bare log(p / q), which over- and underflows. Three branches as in SciPy's rel_entr: github.com/scipy/scipy/pull/20816
function ofMasses(p: Distribution, q: Distribution, k: number): number {
  if (q.values[k] === 0) return Number.POSITIVE_INFINITY;
  const ratio = p.mass[k] / q.mass[k];
  if (ratio > 0.5 && ratio < 2 && q.mass[k] >= smallestNormal) return Math.log1p((p.mass[k] - q.mass[k]) / q.mass[k]);
  if (ratio >= smallestNormal && ratio < Number.POSITIVE_INFINITY && q.mass[k] >= smallestNormal) return Math.log(ratio);
  return logMass(p, 'linear', k) - logMass(q, 'linear', k);
}
