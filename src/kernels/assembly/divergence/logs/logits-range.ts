import { largestOf, lastOf, smallestOf } from '../math/simd';
import { isNormalized, kindP, kindQ, largestNumber } from '../sides';

/** The widest range of logits: a share of 2²³ of them is a normal number, and so is the quotient of two. */
const widest: f64 = 690;

/** The largest and the smallest logit of a row so far. */
export let peakP: f64 = 0;
export let peakQ: f64 = 0;
let lowP: f64 = 0;
let lowQ: f64 = 0;

export function beginRange(): void {
  peakP = peakQ = -Infinity;
  lowP = lowQ = Infinity;
}

/** Widens the range by n pairs of logits. */
export function widenRange(p: usize, q: usize, n: i32): void {
  let highestP = f64x2.splat(peakP);
  let highestQ = f64x2.splat(peakQ);
  let lowestP = f64x2.splat(lowP);
  let lowestQ = f64x2.splat(lowQ);
  const end = p + ((n & -2) << 3);
  let b = q;
  for (let a = p; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    highestP = f64x2.relaxed_max(x, highestP);
    highestQ = f64x2.relaxed_max(y, highestQ);
    lowestP = f64x2.relaxed_min(x, lowestP);
    lowestQ = f64x2.relaxed_min(y, lowestQ);
  }
  if (n & 1) {
    const x = lastOf(end);
    const y = lastOf(b);
    highestP = f64x2.relaxed_max(x, highestP);
    highestQ = f64x2.relaxed_max(y, highestQ);
    lowestP = f64x2.relaxed_min(x, lowestP);
    lowestQ = f64x2.relaxed_min(y, lowestQ);
  }
  peakP = largestOf(highestP);
  peakQ = largestOf(highestQ);
  lowP = smallestOf(lowestP);
  lowQ = smallestOf(lowestQ);
}

/** Whether no exponential underflows. A NaN that the extrema have swallowed shows in the total. */
export function isPlainRange(): bool {
  return peakP - lowP <= widest && peakQ - lowQ <= widest && peakP <= largestNumber && peakQ <= largestNumber;
}

/** What is taken off both sides, in place of their peaks: a number off logits, and nothing off log-probabilities. */
export function settlePeaks(ofP: f64, ofQ: f64): void {
  peakP = isNormalized(kindP) ? ofP : 0;
  peakQ = isNormalized(kindQ) ? ofQ : 0;
}
