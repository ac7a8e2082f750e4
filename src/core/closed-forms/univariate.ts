import { phi } from '../terms.ts';
import { type Chances, chancesOf, differenceOf } from './chances.ts';
import { logQuotient, massGap, quotientGap, ratioGap } from './gaps.ts';
import { type Term, valueAt } from './side.ts';
import { stirlingGap } from './stirling-gap.ts';

/** b₁/b₂ - 1 - ln(b₁/b₂) + (b₁/b₂)·(t + exp(-t) - 1) with t = |μ₁ - μ₂| / b₁ */
export const laplace: Term = (p, q) => (i) => {
  const a = valueAt(p.scale, i);
  const b = valueAt(q.scale, i);
  const distance = Math.abs(valueAt(p.loc, i) - valueAt(q.loc, i));
  const t = distance / a;
  const gap = quotientGap(a, b);
  // the quotient may be infinite
  if (distance === 0 || gap === Number.POSITIVE_INFINITY) return gap;
  return gap + (t < 1 ? (a / b) * phi(t) : distance / b + (a / b) * Math.expm1(-t));
};

/** λ₂/λ₁ - 1 - ln(λ₂/λ₁) */
export const exponential: Term = (p, q) => (i) => quotientGap(valueAt(q.rate, i), valueAt(p.rate, i));

/** λ₁·ln(λ₁/λ₂) - λ₁ + λ₂ */
export const poisson: Term = (p, q) => (i) => massGap(valueAt(p.rate, i), valueAt(q.rate, i));

/** a₂·(z - 1 - ln z) + the gap of ln Γ(a) - a·ln a + a, where z = (a₁/λ₁) / (a₂/λ₂) is the ratio of the means */
export const gamma: Term = (p, q) => (i) => {
  const a = valueAt(p.concentration, i);
  const b = valueAt(q.concentration, i);
  const rateP = valueAt(p.rate, i);
  const rateQ = valueAt(q.rate, i);
  const growth = (rateQ - rateP) / rateP;
  const isNear = Math.abs(b - a) < 0.5 * b && Math.abs(growth) < 0.5;
  const x = isNear ? (growth * a - (b - a)) / b : (a / b) * (rateQ / rateP) - 1;
  // z may be larger than any float64 where a₂·z is not, beside which the rest is nothing
  if (x === Number.POSITIVE_INFINITY) return a * (rateQ / rateP) + stirlingGap(b, a);
  return b * ratioGap(x, logQuotient(a, b) + logQuotient(rateQ, rateP)) + stirlingGap(b, a);
};

/** Of the Dirichlet distributions with two outcomes. */
export const beta: Term = (p, q) => {
  const a = new Float64Array(2);
  const b = new Float64Array(2);
  return (i) => {
    a[0] = valueAt(p.concentration1, i);
    a[1] = valueAt(p.concentration0, i);
    b[0] = valueAt(q.concentration1, i);
    b[1] = valueAt(q.concentration0, i);
    return dirichletGap(a, b);
  };
};

/**
 * KL of Dirichlet distributions with concentrations a and b, of sums A and B: Σ b·ln((b/B) / (a/A)), term by term as non-negative gaps, and
 * the gaps of ln Γ(x) - x·ln x + x, of each outcome less that of the sums.
 */
export function dirichletGap(a: Float64Array, b: Float64Array): number {
  let sumA = 0;
  let sumB = 0;
  let sumDifference = 0;
  for (let k = 0; k < a.length; k++) {
    sumA += a[k];
    sumB += b[k];
    sumDifference += b[k] - a[k];
  }
  const ofSums = logQuotient(sumA, sumB);
  let total = -stirlingGap(sumB, sumA, sumDifference);
  for (let k = 0; k < a.length; k++) {
    const difference = b[k] - a[k];
    // the share of a over that of b, less 1: far from b, differences would leave it no digits
    const isNear = Math.abs(difference) < 0.5 * b[k] && Math.abs(sumDifference) < 0.5 * sumB;
    const x = isNear ? ((a[k] / sumA) * sumDifference - difference) / b[k] : (a[k] / sumA) * (sumB / b[k]) - 1;
    total += b[k] * ratioGap(x, logQuotient(a[k], b[k]) - ofSums) + stirlingGap(b[k], a[k], difference);
  }
  return Math.max(0, total);
}

/** p₁·ln(p₁/p₂) + (1 - p₁)·ln((1 - p₁)/(1 - p₂)) */
export const bernoulli: Term = (p, q) => {
  const [a, b] = [chancesOf(p), chancesOf(q)];
  const difference = differenceOf(p, q);
  return (i) => {
    const ofP: Chances = a(i);
    const ofQ: Chances = b(i);
    const apart = difference(ofP, ofQ, i);
    return massGap(ofP.chance, ofQ.chance, apart, ofP.log - ofQ.log) + massGap(ofP.other, ofQ.other, -apart, ofP.otherLog - ofQ.otherLog);
  };
};

/** That of the first trial, times the mean number of trials, 1/p₁ */
export const geometric: Term = (p, q) => {
  const ofTrial = bernoulli(p, q);
  const chances = chancesOf(p);
  return (i) => ofTrial(i) / chances(i).chance;
};
