import { exponential, roughPower } from './math/exponential';
import { logRatio } from './math/logarithm';
import { largestOf, lastOf, smallestOf } from './math/simd';

/** The extrema of the block: of logarithms without their reference, and of masses without the pseudocount. */
export let lowOfLogs: f64 = 0;
export let highOfLogs: f64 = 0;
export let lowOfMasses: f64 = 0;
export let highOfMasses: f64 = 0;

/** Writes exp(x - reference) of n numbers, roughly if that does. */
export function exponentials(from: usize, to: usize, n: i32, reference: f64, isRough: bool): void {
  const shift = f64x2.splat(reference);
  let low = f64x2.splat(Infinity);
  let high = f64x2.splat(-Infinity);
  const end = from + ((n & -2) << 3);
  for (; from < end; from += 16, to += 16) {
    const x = f64x2.sub(v128.load(from), shift);
    low = f64x2.relaxed_min(x, low);
    high = f64x2.relaxed_max(x, high);
    v128.store(to, isRough ? roughPower(x) : exponential(x));
  }
  if (n & 1) {
    const x = f64x2.sub(lastOf(from), shift);
    low = f64x2.relaxed_min(x, low);
    high = f64x2.relaxed_max(x, high);
    v128.store(to, exponential(x));
  }
  lowOfLogs = smallestOf(low);
  highOfLogs = largestOf(high);
}

/** Writes the logarithms of n numbers, to which the pseudocount is added. */
export function logarithms(from: usize, to: usize, n: i32, pseudocount: f64): void {
  const more = f64x2.splat(pseudocount);
  const one = f64x2.splat(1);
  let low = f64x2.splat(Infinity);
  let high = f64x2.splat(-Infinity);
  const end = from + ((n & -2) << 3);
  for (; from < end; from += 16, to += 16) {
    const x = v128.load(from);
    low = f64x2.relaxed_min(x, low);
    high = f64x2.relaxed_max(x, high);
    v128.store(to, logRatio(f64x2.add(x, more), one));
  }
  if (n & 1) {
    const x = lastOf(from);
    low = f64x2.relaxed_min(x, low);
    high = f64x2.relaxed_max(x, high);
    v128.store(to, logRatio(f64x2.add(x, more), one));
  }
  lowOfMasses = smallestOf(low);
  highOfMasses = largestOf(high);
}
