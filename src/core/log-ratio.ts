import { lostInSum } from './compensated-sum.ts';
import { type Distribution, logMass, smallestNormal } from './distribution.ts';
import { lostInProduct } from './exact-sum.ts';
import type { Kind } from './kinds.ts';

/** log p - log q of outcome k, in nats. Only asked for where p > 0; Infinity where q has no mass. */
type LogRatio = (k: number) => number;

/** The most accurate difference of logarithms that two kinds allow, of the distributions that are read at the time. */
export function logRatioOf(target: Kind, input: Kind): (p: Distribution, q: Distribution) => LogRatio {
  if (target.scale === 'log' && input.scale === 'log') return (p, q) => (k) => ofLogs(p, q, k);
  if (target.scale === 'linear' && input.scale === 'linear') {
    return target.normalizes && input.normalizes ? ofCounts : (p, q) => (k) => ofMasses(p, q, k);
  }
  return (p, q) => (k) => logMass(p, target.scale, k) - logMass(q, input.scale, k);
}

// each side's own maximum goes first, so that no offset between the sides costs digits; what that subtraction rounds away is
// put back, so that P ≈ Q loses none either. The normalisers' rounding is common to all outcomes
function ofLogs(p: Distribution, q: Distribution, k: number): number {
  const logP = p.values[k] - p.shift;
  const logQ = q.values[k] - q.shift;
  if (logQ === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const lost = lostInSum(p.values[k], -p.shift, logP) - lostInSum(q.values[k], -q.shift, logQ);
  return logP - logQ + lost - (p.logNorm - q.logNorm);
}

// never a bare log(p / q), which over- and underflows. Three branches as in SciPy's rel_entr: github.com/scipy/scipy/pull/20816
function ofMasses(p: Distribution, q: Distribution, k: number): number {
  if (q.values[k] === 0) return Number.POSITIVE_INFINITY;
  const ratio = p.mass[k] / q.mass[k];
  if (ratio > 0.5 && ratio < 2 && q.mass[k] >= smallestNormal) return Math.log1p((p.mass[k] - q.mass[k]) / q.mass[k]);
  if (ratio >= smallestNormal && ratio < Number.POSITIVE_INFINITY && q.mass[k] >= smallestNormal) return Math.log(ratio);
  return logMass(p, 'linear', k) - logMass(q, 'linear', k);
}

// the shares of counts are rounded, which takes half of the digits where P ≈ Q; c_p against c_q·N_p / N_q is not: near 1, the quotient
// is 1 + (c_p - c_q·N_p / N_q) / (c_q·N_p / N_q) with an exact product, and its difference from c_p is exact too (Sterbenz)
function ofCounts(p: Distribution, q: Distribution): LogRatio {
  const scale = p.norm / q.norm;
  if (!(isSplittable(scale) && isSplittable(q.norm))) return (k) => ofMasses(p, q, k);
  // N_p / N_q in two parts: what the product of its float64 with N_q lacks of N_p, divided by N_q
  const back = scale * q.norm;
  const scaleRest = (p.norm - back - lostInProduct(scale, q.norm, back) + p.normRest - scale * q.normRest) / q.norm;
  const lostInAdding = addingLoss(p, q, scale);
  return (k) => {
    const count = p.values[k];
    const scaled = scale * q.values[k];
    const ratio = count / scaled;
    if (!(ratio > 0.5 && ratio < 2 && isSplittable(count) && isSplittable(q.values[k]))) return ofMasses(p, q, k);
    const rest = lostInProduct(scale, q.values[k], scaled) + scaleRest * q.values[k];
    return Math.log1p((count - scaled - rest + lostInAdding(k)) / scaled);
  };
}

/** What the difference c_p - c_q·N_p / N_q lacks because the pseudocount was added to both counts in float64. */
function addingLoss(p: Distribution, q: Distribution, scale: number): LogRatio {
  const [restsP, restsQ] = [p.valueRests, q.valueRests];
  return restsP === undefined || restsQ === undefined ? () => 0 : (k) => restsP[k] - scale * restsQ[k];
}

/** Whether products of two such numbers neither overflow where they are split nor lose digits below float64's normal numbers. */
function isSplittable(x: number): boolean {
  return x >= 2 ** -450 && x <= 2 ** 900;
}
