import { computedP, computedQ } from './layout';
import { largestOf, lastOf, once, smallestOf, sumsOf } from './math/simd';

// of a block, one side of which is logarithms x, less `shift`, and the other masses m; w is the mass of P, exp(x - shift) or m
/** Σ exp(x - shift) and Σ m; Σ w·(x - shift - log m) and Σ w·log m. */
export let blockMasses: v128 = f64x2.splat(0);
export let blockProducts: v128 = f64x2.splat(0);
/** The extrema of x - shift and of m. */
export let lowOfLogs: f64 = 0;
export let highOfLogs: f64 = 0;
export let lowOfMasses: f64 = 0;
export let highOfMasses: f64 = 0;

/** Sums n outcomes, whose exp(x - shift) stand at `computedP`, and their log m at `computedQ`. @param w where the masses of P stand */
export function sumOutcomes(x: usize, m: usize, w: usize, n: i32, shift: f64): void {
  const less = f64x2.splat(shift);
  let powers = f64x2.splat(0);
  let masses = f64x2.splat(0);
  let product = f64x2.splat(0);
  let logs = f64x2.splat(0);
  let lowX = f64x2.splat(Infinity);
  let highX = f64x2.splat(-Infinity);
  let lowM = f64x2.splat(Infinity);
  let highM = f64x2.splat(-Infinity);
  let at = computedP;
  for (const end = at + ((n & -2) << 3); at < end; at += 16, x += 16, m += 16, w += 16) {
    const number = v128.load(x);
    const mass = v128.load(m);
    const log = v128.load(at, computedQ - computedP);
    const weight = v128.load(w);
    lowX = f64x2.relaxed_min(number, lowX);
    highX = f64x2.relaxed_max(number, highX);
    lowM = f64x2.relaxed_min(mass, lowM);
    highM = f64x2.relaxed_max(mass, highM);
    powers = f64x2.add(powers, v128.load(at));
    masses = f64x2.add(masses, mass);
    product = f64x2.relaxed_madd(weight, f64x2.sub(f64x2.sub(number, less), log), product);
    logs = f64x2.relaxed_madd(weight, log, logs);
  }
  if (n & 1) {
    const number = lastOf(x);
    const mass = lastOf(m);
    const log = lastOf(at + (computedQ - computedP));
    const weight = once(lastOf(w));
    lowX = f64x2.relaxed_min(number, lowX);
    highX = f64x2.relaxed_max(number, highX);
    lowM = f64x2.relaxed_min(mass, lowM);
    highM = f64x2.relaxed_max(mass, highM);
    powers = f64x2.add(powers, once(lastOf(at)));
    masses = f64x2.add(masses, once(mass));
    product = f64x2.relaxed_madd(weight, f64x2.sub(f64x2.sub(number, less), log), product);
    logs = f64x2.relaxed_madd(weight, log, logs);
  }
  blockMasses = sumsOf(powers, masses);
  blockProducts = sumsOf(product, logs);
  lowOfLogs = smallestOf(lowX) - shift;
  highOfLogs = largestOf(highX) - shift;
  lowOfMasses = smallestOf(lowM);
  highOfMasses = largestOf(highM);
}

/** Writes n numbers and `more`, and returns the smallest of them. */
export function addMore(from: usize, to: usize, n: i32, more: f64): f64 {
  let low: f64 = Infinity;
  for (const end = from + (n << 3); from < end; from += 8, to += 8) {
    const x = load<f64>(from);
    low = min(low, x);
    store<f64>(to, x + more);
  }
  return low;
}
