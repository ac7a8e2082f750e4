import { smallestNormal } from '../distribution.ts';
import { lostInProduct } from '../exact-sum.ts';

/** ln(a / b) of numbers above 0, also where the quotient leaves float64. */
export function logQuotient(a: number, b: number): number {
  const quotient = a / b;
  return quotient >= smallestNormal && quotient < Number.POSITIVE_INFINITY ? Math.log(quotient) : Math.log(a) - Math.log(b);
}

/** (x + restX)·y - (u + restU)·v of numbers between 1e-100 and 1e100, without the rounding of the products. */
export function productDifference(x: number, y: number, u: number, v: number, restX = 0, restU = 0): number {
  const [xy, uv] = [x * y, u * v];
  return xy - uv + (lostInProduct(x, y, xy) - lostInProduct(u, v, uv) + (restX * y - restU * v));
}

const reciprocals = Float64Array.from({ length: 20 }, (_, n) => 1 / n);

/**
 * r - 1 - ln r ≥ 0, the Itakura-Saito divergence of a ratio r from 1. Near 1 by the series of x - ln(1 + x) with x = r - 1: the rest after
 * x¹⁹ is below 2⁻⁵³ of the first summand for |x| < 0.1.
 * @param x r - 1, as exact as it can be had where r is near 1
 * @param log ln r, which counts where r is not near 1; undefined where 1 + x has no more digits than x
 */
export function ratioGap(x: number, log?: number): number {
  return Math.abs(x) < 0.1 ? gapNearOne(x, 19) : x - (log ?? Math.log1p(x));
}

/** r - 1 - ln r for a ratio r = 1 + x near 1, by the series up to a power of x. */
export function gapNearOne(x: number, power: number): number {
  let sum = 0;
  for (let n = power; n >= 2; n--) sum = reciprocals[n] - x * sum;
  return x * x * sum;
}

/**
 * ln(above / below) of a ratio 1 + x of numbers above 0.
 * @param x above / below - 1, as exact as it can be had
 */
export function logOfRatio(x: number, above: number, below: number): number {
  return x > -0.5 && x < 1 ? Math.log1p(x) : logQuotient(above, below);
}

/** a / b - 1 - ln(a / b). */
export function quotientGap(a: number, b: number): number {
  return ratioGap((a - b) / b, logQuotient(a, b));
}

/**
 * p·ln(p / q) - p + q ≥ 0 of masses or rates, the Bregman divergence of x·ln x; q where p is 0.
 * @param difference q - p, where it has more digits than the numbers themselves
 */
export function massGap(p: number, q: number, difference = q - p, log = logQuotient(p, q)): number {
  if (p === 0) return q;
  const x = difference / p;
  return Math.abs(x) < 0.1 ? p * ratioGap(x, log) : difference + p * log;
}
