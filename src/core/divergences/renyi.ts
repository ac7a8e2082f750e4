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
  const y = pair.normalises ? normalised(alpha, pair, summands) : asTheyStand(alpha, pair, summands);
  // far from 0 the sum is taken of logarithms: it may be larger than any float64, or exactly 0
  if (y > -0.5 && y < 1) return renyiOfSum(alpha, y);
  // no -0
  return logOfSum(alpha, pair, summands) / (alpha - 1) + 0;
}

/** The divergence of Σ p^α·q^(1-α) / Σ p - 1. */
export function renyiOfSum(alpha: number, y: number): number {
  return Math.log1p(y) / (alpha - 1) + 0;
}

/**
 * Σ p^α·q^(1-α) - 1 where both masses are 1, as c·Σ p·(expm1(c·d)/c + expm1(-d)) with c = α - 1, whose summands are not negative. For
 * α < 1/2 the sides change places and c is -α, which is the same sum: nothing cancels then where α is near 0.
 */
function normalised(alpha: number, pair: Pair, summands: Float64Array): number {
  const { p, q, d } = pair;
  const isSwapped = alpha < 0.5;
  const [mass, other, sign, c] = isSwapped ? [q, p, -1, -alpha] : [p, q, 1, alpha - 1];
  for (let k = 0; k < summands.length; k++) {
    const isTiny = mass[k] < smallestNormal && Math.abs(d[k]) > 1;
    summands[k] = isTiny ? (power(alpha, pair, k) - mass[k]) / c + (other[k] - mass[k]) : summand(mass[k], other[k], sign * d[k], c);
  }
  return c * compensatedSum(summands);
}

/** p^α·q^(1-α) by logarithms: it may have digits where p alone has none in float64. */
function power(alpha: number, { logP, logQ, d }: Pair, k: number): number {
  const logOfP = logP(k);
  // without mass on one side it is 0, or infinite, which only a p above 0 in float64 makes the result; d is 0 where neither has any
  const hasBoth = Number.isFinite(d[k]) && logOfP !== Number.NEGATIVE_INFINITY;
  return hasBoth ? Math.exp(alpha * logOfP + (1 - alpha) * logQ(k)) : 0;
}

function summand(p: number, q: number, d: number, c: number): number {
  if (Math.abs(d) < 0.25) return p * (phi(-c * d) / c + phi(d));
  return (p * Math.expm1(c * d)) / c + (q - p);
}

/** Σ p^α·q^(1-α) / Σ p - 1. A P without any mass is at no distance. */
function asTheyStand(alpha: number, pair: Pair, summands: Float64Array): number {
  const { p, d } = pair;
  const mass = compensatedSum(p);
  if (mass === 0) return 0;
  for (let k = 0; k < summands.length; k++) {
    summands[k] = p[k] === 0 ? power(alpha, pair, k) : p[k] * Math.expm1((alpha - 1) * d[k]);
  }
  return compensatedSum(summands) / mass;
}

/** ln(Σ p^α·q^(1-α) / Σ p), with the largest logarithm subtracted. */
function logOfSum(alpha: number, pair: Pair, summands: Float64Array): number {
  const { p, d } = pair;
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < summands.length; k++) {
    const isIn = d[k] !== Number.NEGATIVE_INFINITY && (p[k] > 0 || Number.isFinite(d[k]));
    summands[k] = isIn ? pair.logP(k) + (alpha - 1) * d[k] : Number.NEGATIVE_INFINITY;
    if (summands[k] > largest) largest = summands[k];
  }
  if (!Number.isFinite(largest)) return largest;
  for (let k = 0; k < summands.length; k++) summands[k] = Math.exp(summands[k] - largest);
  return largest + Math.log(compensatedSum(summands)) - (pair.normalises ? 0 : Math.log(compensatedSum(p)));
}
