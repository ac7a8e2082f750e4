import { phi } from '../terms.ts';
import { type Chances, chancesOf, differenceOf, logRatioOf } from './chances.ts';
import { dirichletGap } from './dirichlet-gap.ts';
import { logOfRatio, massGap, productDifference, quotientGap, ratioGap } from './gaps.ts';
import { type Columns, type Term, valueAt } from './side.ts';
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
  const x = productDifference(a, rateQ, b, rateP) / b / rateP;
  // z may be larger than any float64 where a₂·z is not, beside which the rest is nothing
  if (x === Number.POSITIVE_INFINITY) return a * (rateQ / rateP) + stirlingGap(b, a);
  return b * ratioGap(x, logOfRatio(x, a * rateQ, b * rateP)) + stirlingGap(b, a);
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

/** p₁·ln(p₁/p₂) + (1 - p₁)·ln((1 - p₁)/(1 - p₂)) */
export const bernoulli: Term = (p, q) => {
  const compare = comparing(p, q);
  return (i) => {
    const { ofP, ofQ, apart, log, otherLog } = compare(i);
    return massGap(ofP.chance, ofQ.chance, apart, log) + massGap(ofP.other, ofQ.other, -apart, otherLog);
  };
};

/** That of the first trial, times the mean number of trials, 1/p₁: divided before it is added, as products with p₁ may leave float64. */
export const geometric: Term = (p, q) => {
  const compare = comparing(p, q);
  return (i) => {
    const { ofP, ofQ, apart, log, otherLog } = compare(i);
    return ratioGap(apart / ofP.chance, -log) + massGap(ofP.other, ofQ.other, -apart, otherLog) / ofP.chance;
  };
};

/** The probabilities of both sides at an element, p₂ - p₁, and the logarithms of p₁/p₂ and (1 - p₁)/(1 - p₂). */
function comparing(p: Columns, q: Columns) {
  const [a, b] = [chancesOf(p), chancesOf(q)];
  const difference = differenceOf(p, q);
  const logRatio = logRatioOf(p, q);
  return (i: number) => {
    const ofP: Chances = a(i);
    const ofQ: Chances = b(i);
    return { ofP, ofQ, apart: difference(ofP, ofQ, i), log: logRatio(ofP, ofQ), otherLog: ofP.otherLog - ofQ.otherLog };
  };
}
