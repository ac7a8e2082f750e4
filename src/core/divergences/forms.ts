import { ratioGap } from '../closed-forms/gaps.ts';
import { smallestNormal } from '../distribution.ts';
import { generalizedTerm, term } from '../terms.ts';
import type { Pair } from './pair.ts';

/**
 * What outcome k adds to a divergence, in nats. Where P has no mass in float64 and Q has none, or the other way round, that is 0.
 * Near d = 0 each form keeps the digits that a difference of masses would lose.
 */
export type Form = (pair: Pair, k: number) => number;

/** p·d */
export const klTerm: Form = ({ p, d }, k) => term(p[k], d[k]);

/** p·(d + exp(-d) - 1): its sum is KL where both masses are 1. */
export const klSummand: Form = ({ p, q, d }, k) => generalizedTerm(p[k], q[k], d[k]);

/** -q·d */
export const reverseTerm: Form = ({ q, d }, k) => term(q[k], -d[k]);

export const reverseSummand: Form = ({ p, q, d }, k) => generalizedTerm(q[k], p[k], -d[k]);

/** Below it masses are compared by expm1 of their log-ratio. */
const near = 0.5;

/** (p - q)·d */
export const jeffreysTerm: Form = ({ p, q, d }, k) => {
  if (p[k] === 0 && q[k] === 0) return 0;
  return Math.abs(d[k]) < near ? -p[k] * Math.expm1(-d[k]) * d[k] : (p[k] - q[k]) * d[k];
};

/** β·p·ln(p/m) + (1 - β)·q·ln(q/m) with m = β·p + (1 - β)·q; what the sides add to each gap in the near form cancels in every outcome. */
export const jensenShannonTerm =
  (beta: number): Form =>
  ({ p, q, d }, k) => {
    const ratio = d[k];
    if (Math.abs(ratio) < 1) {
      return beta * p[k] * ratioGap((1 - beta) * Math.expm1(-ratio)) + (1 - beta) * q[k] * ratioGap(beta * Math.expm1(ratio));
    }
    const ofP = p[k] === 0 ? 0 : beta * p[k] * logMixture(beta, 1 - beta, -ratio);
    const ofQ = q[k] === 0 ? 0 : (1 - beta) * q[k] * logMixture(1 - beta, beta, ratio);
    // among subnormal numbers rounding is as large as the result
    return Math.max(0, -ofP - ofQ);
  };

/** ln(v + w·exp(d)) with v + w = 1 and |d| ≥ 1, also where exp(d) is larger than any float64. */
function logMixture(v: number, w: number, d: number): number {
  if (d > 700) {
    // w may be smaller than exp(-d)
    const log = d + Math.log(w);
    return log > 0 ? log + Math.log1p(v * Math.exp(-log)) : Math.log1p(Math.exp(log) - w);
  }
  return w > 0.5 && d < 0 ? Math.log(v + w * Math.exp(d)) : Math.log1p(w * Math.expm1(d));
}

/** -p·ln q */
export const crossEntropyTerm: Form = (pair, k) => (pair.p[k] === 0 ? 0 : 0 - pair.p[k] * pair.logQ(k));

/** (√p - √q)² / 2 */
export const hellingerTerm: Form = ({ p, q, d }, k) => {
  if (Math.abs(d[k]) < near) return 0.5 * p[k] * Math.expm1(-d[k] / 2) ** 2;
  return 0.5 * (Math.sqrt(p[k]) - Math.sqrt(q[k])) ** 2;
};

/** |p - q| / 2 */
export const totalVariationTerm: Form = ({ p, q, d }, k) =>
  Math.abs(d[k]) < near ? 0.5 * p[k] * Math.abs(Math.expm1(-d[k])) : 0.5 * Math.abs(p[k] - q[k]);

/** (p - q)² / q */
export const chiSquaredTerm: Form = (pair, k) => {
  const p = pair.p[k];
  const q = pair.q[k];
  const d = pair.d[k];
  if (d <= 1) return q * Math.expm1(d) ** 2;
  if (d === Number.POSITIVE_INFINITY) return p === 0 ? 0 : d;
  // q alone may be too small for float64, or exp(d) too large
  if (d > 700 || p < smallestNormal) return Math.exp(pair.logP(k) + d) * Math.expm1(-d) ** 2;
  return (p - q) * Math.expm1(d);
};
