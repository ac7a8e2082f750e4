import { exponentials, roughPowers } from './math/exponentials';
import { logarithms } from './math/logarithms';
import { largestOf, lastOf, smallestOf } from './math/simd';

/** The extrema of the block: of logarithms without their reference, and of masses without the pseudocount. */
export let lowOfLogs: f64 = 0;
export let highOfLogs: f64 = 0;
export let lowOfMasses: f64 = 0;
export let highOfMasses: f64 = 0;

/** Writes exp(x - reference) of n numbers, roughly if that does, and 0 behind an odd number of them. */
export function massesOf(from: usize, to: usize, n: i32, reference: f64, isRough: bool): void {
  let low = f64x2.splat(Infinity);
  let high = f64x2.splat(-Infinity);
  const end = from + (n << 3);
  for (let at = from; at < end; at += 16) {
    const x = at + 8 === end ? lastOf(at) : v128.load(at);
    low = f64x2.relaxed_min(x, low);
    high = f64x2.relaxed_max(x, high);
  }
  lowOfLogs = smallestOf(low) - reference;
  highOfLogs = largestOf(high) - reference;
  if (isRough) roughPowers(from, to, n, reference);
  else exponentials(from, to, n, reference);
}

/** Writes the logarithms of n numbers, to which the pseudocount is added. */
export function logarithmsOf(from: usize, to: usize, n: i32, pseudocount: f64): void {
  const more = f64x2.splat(pseudocount);
  let low = f64x2.splat(Infinity);
  let high = f64x2.splat(-Infinity);
  const end = from + (n << 3);
  for (let at = to; from < end; from += 16, at += 16) {
    const x = from + 8 === end ? lastOf(from) : v128.load(from);
    low = f64x2.relaxed_min(x, low);
    high = f64x2.relaxed_max(x, high);
    v128.store(at, f64x2.add(x, more));
  }
  lowOfMasses = smallestOf(low);
  highOfMasses = largestOf(high);
  logarithms(to, to, n);
}
