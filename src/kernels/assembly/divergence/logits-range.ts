import { largestOf, lastOf, once, smallestOf, sumOf } from './simd';

/** The largest number of the domain in `src/core/kinds.ts`. */
const largest: f64 = 1e270;

/** The largest and the smallest logit of a row so far; divided by the temperature once the row has been seen. */
export let peakP: f64 = 0;
export let peakQ: f64 = 0;
let lowP: f64 = 0;
let lowQ: f64 = 0;
let sumP: f64 = 0;
let sumQ: f64 = 0;

export function beginRange(): void {
  peakP = peakQ = -Infinity;
  lowP = lowQ = Infinity;
  sumP = sumQ = 0;
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
  if (lowP >= 0 && peakP <= 1) sumP += plainSum(p, n);
  if (lowQ >= 0 && peakQ <= 1) sumQ += plainSum(q, n);
}

/**
 * Whether no exponential underflows once the logits are divided by `temperature`, and neither side of a row of n looks like
 * probabilities, which is for the definition to report. A NaN that the extrema have swallowed shows in the total.
 */
export function isPlainRange(n: i32, temperature: f64): bool {
  if (n !== 1 && (looksLikeProbs(lowP, peakP, sumP, n) || looksLikeProbs(lowQ, peakQ, sumQ, n))) return false;
  // the quotients are rounded in order, so theirs are the extrema
  peakP /= temperature;
  peakQ /= temperature;
  lowP /= temperature;
  lowQ /= temperature;
  return peakP - lowP <= 700 && peakQ - lowQ <= 700 && peakP <= largest && peakQ <= largest;
}

function looksLikeProbs(low: f64, peak: f64, sum: f64, n: i32): bool {
  // a little more than the tolerance of `src/core/side.ts`, whose sum is rounded differently
  return low >= 0 && peak <= 1 && abs(sum - 1) <= 1.001e-6 * sqrt<f64>(<f64>n);
}

function plainSum(at: usize, n: i32): f64 {
  let sum = f64x2.splat(0);
  const end = at + ((n & -2) << 3);
  for (; at < end; at += 16) sum = f64x2.add(sum, v128.load(at));
  if (n & 1) sum = f64x2.add(sum, once(lastOf(end)));
  return sumOf(sum);
}
