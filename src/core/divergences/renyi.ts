import { compensatedSum } from '../compensated-sum.ts';
import { smallestNormal } from '../distribution.ts';
import { phi } from '../terms.ts';
import type { Pair } from './pair.ts';

/**
 * Rényi's divergence of order α in nats: ln(Σ p^α·q^(1-α) / Σ p) / (α - 1). The quotient matters only for masses that are used as they
 * stand: A. Rényi, On measures of entropy and information (1961), section 3, for incomplete distributions. So equal sides have exactly 0.
 * @param summands scratch of the length of the pair
 */
export function renyi(alpha: number, pair: Pair, summands: Float64Array): number {
  const y = pair.normalizes ? normalized(alpha, pair, summands) : asTheyStand(alpha, pair, summands);
  // far from 0 the sum is taken of logarithms: it may be larger than any float64, or exactly 0
  return y > -0.5 && y < 1 ? renyiOfSum(alpha, y) : byLogarithms(alpha, pair, summands);
}

/** The divergence of Σ p^α·q^(1-α) / Σ p - 1. */
export function renyiOfSum(alpha: number, y: number): number {
  return Math.log1p(y) / (alpha - 1) + 0;
}

/**
 * Σ p^α·q^(1-α) - 1 where both masses are 1, as c·Σ p·(expm1(c·d)/c + expm1(-d)) with c = α - 1, whose summands are not negative. For
 * α < 1/2 the sides change places and c is -α, which is the same sum: nothing cancels then where α is near 0.
 */
function normalized(alpha: number, pair: Pair, summands: Float64Array): number {
  const { p, q, d } = pair;
  const isSwapped = alpha < 0.5;
  const [mass, other, sign, c] = isSwapped ? [q, p, -1, -alpha] : [p, q, 1, alpha - 1];
  for (let k = 0; k < summands.length; k++) {
    const isTiny = mass[k] < smallestNormal && Math.abs(d[k]) > 1;
    summands[k] = isTiny ? (power(alpha, pair, k) - mass[k]) / c + (other[k] - mass[k]) : summand(mass[k], other[k], sign * d[k], c);
  }
  // among subnormal masses rounding is as large as the result
  return c * Math.max(0, compensatedSum(summands));
}

/** p^α·q^(1-α) / exp(shift) by logarithms: it may have digits where p alone has none in float64. */
function power(alpha: number, pair: Pair, k: number, shift = 0): number {
  const logOfP = pair.logP(k);
  // without mass on one side it is 0, or infinite, which only a p above 0 in float64 makes the result; d is 0 where neither has any
  const hasBoth = Number.isFinite(pair.d[k]) && logOfP !== Number.NEGATIVE_INFINITY;
  return hasBoth ? Math.exp(logOfPower(alpha, pair, k) - shift) : 0;
}

function summand(p: number, q: number, d: number, c: number): number {
  if (Math.abs(d) < 0.25) return p * (phi(-c * d) / c + phi(d));
  return (p * Math.expm1(c * d)) / c + (q - p);
}

/** Below it a mass, or its products with small numbers, has lost digits. */
const smallestMass = 2 ** -900;

/** Σ p^α·q^(1-α) / Σ p - 1, which does not change where every p is divided by one number. A P without any mass is at no distance. */
function asTheyStand(alpha: number, pair: Pair, summands: Float64Array): number {
  const isTiny = compensatedSum(pair.p) < smallestMass;
  const shift = isTiny ? largestLog(pair) : 0;
  if (shift === Number.NEGATIVE_INFINITY) return 0;
  const { d } = pair;
  const p = isTiny ? pair.p.map((_, k) => Math.exp(pair.logP(k) - shift)) : pair.p;
  for (let k = 0; k < summands.length; k++) {
    summands[k] = p[k] === 0 ? power(alpha, pair, k, shift) : p[k] * Math.expm1((alpha - 1) * d[k]);
  }
  return compensatedSum(summands) / compensatedSum(p);
}

function largestLog({ p, logP }: Pair): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < p.length; k++) largest = Math.max(largest, logP(k));
  return largest;
}

/** ln(Σ p^α·q^(1-α) / Σ p) / (α - 1) by logarithms, with the largest subtracted. */
function byLogarithms(alpha: number, pair: Pair, summands: Float64Array): number {
  for (let k = 0; k < summands.length; k++) summands[k] = logOfPower(alpha, pair, k);
  const logOfSum = logSumExp(summands);
  // no -0
  if (logOfSum !== Number.POSITIVE_INFINITY) return (logOfSum - logOfMass(pair, summands)) / (alpha - 1) + 0;
  // an outcome that only P has, or a product of α that is larger than any float64: then one summand is all of the sum
  let furthest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < summands.length; k++) if (isIn(pair, k)) furthest = Math.max(furthest, pair.d[k] + pair.logP(k) / (alpha - 1));
  return furthest;
}

/** Whether an outcome is in the sum. Without mass on Q, only a p above 0 in float64 is. */
function isIn({ p, d }: Pair, k: number): boolean {
  return d[k] !== Number.NEGATIVE_INFINITY && (p[k] > 0 || Number.isFinite(d[k]));
}

/** ln(p^α·q^(1-α)), from the side of the larger power: near α = 0, α - 1 is -1 in float64, and the power of p would be lost. */
function logOfPower(alpha: number, pair: Pair, k: number): number {
  if (!isIn(pair, k)) return Number.NEGATIVE_INFINITY;
  const d = pair.d[k];
  if (d === Number.POSITIVE_INFINITY) return (alpha - 1) * d;
  return alpha < 0.5 ? pair.logQ(k) + alpha * d : pair.logP(k) + (alpha - 1) * d;
}

/** ln Σ p. @param scratch is overwritten */
function logOfMass(pair: Pair, scratch: Float64Array): number {
  if (pair.normalizes) return 0;
  const mass = compensatedSum(pair.p);
  if (mass >= smallestMass) return Math.log(mass);
  for (let k = 0; k < scratch.length; k++) scratch[k] = pair.logP(k);
  return logSumExp(scratch);
}

/** ln Σ exp(x) of numbers, which are overwritten. */
function logSumExp(values: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < values.length; k++) if (values[k] > largest) largest = values[k];
  if (!Number.isFinite(largest)) return largest;
  for (let k = 0; k < values.length; k++) values[k] = Math.exp(values[k] - largest);
  return largest + Math.log(compensatedSum(values));
}
