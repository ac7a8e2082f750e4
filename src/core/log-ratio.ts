import { type Distribution, logMass } from './distribution.ts';
import type { Kind } from './kinds.ts';

/** log p - log q of outcome k, in nats. Only asked for where p > 0; Infinity where q has no mass. */
export type LogRatio = (p: Distribution, q: Distribution, k: number) => number;

/** The most accurate difference of logarithms that two kinds allow. */
export function logRatioOf(target: Kind, input: Kind): LogRatio {
  if (target.scale === 'log' && input.scale === 'log') return ofLogs;
  if (target.scale === 'linear' && input.scale === 'linear') return ofMasses;
  return (p, q, k) => logMass(p, target.scale, k) - logMass(q, input.scale, k);
}

// like minus like first: where p ≈ q each difference is exact, and the normalisers' rounding is common to all outcomes
function ofLogs(p: Distribution, q: Distribution, k: number): number {
  return p.values[k] - q.values[k] - (p.shift - q.shift) - (p.logNorm - q.logNorm);
}

const smallestNormal = 2 ** -1022;

// never a bare log(p / q), which over- and underflows. Three branches as in SciPy's rel_entr: github.com/scipy/scipy/pull/20816
function ofMasses(p: Distribution, q: Distribution, k: number): number {
  if (q.values[k] === 0) return Number.POSITIVE_INFINITY;
  const ratio = p.mass[k] / q.mass[k];
  if (ratio > 0.5 && ratio < 2 && q.mass[k] >= smallestNormal) return Math.log1p((p.mass[k] - q.mass[k]) / q.mass[k]);
  if (ratio >= smallestNormal && ratio < Number.POSITIVE_INFINITY && q.mass[k] >= smallestNormal) return Math.log(ratio);
  return logMass(p, 'linear', k) - logMass(q, 'linear', k);
}
