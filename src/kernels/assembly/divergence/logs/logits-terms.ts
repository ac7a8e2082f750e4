import { exponential } from '../math/exponential';
import { generalizedTerm } from '../math/generalized-term';
import { logRatioOf } from '../math/logarithm';
import { largestOf, lastOf, lostIn, once, sumOf } from '../math/simd';
import { areNormalized, asTheyStand, isSure } from '../sides';
import { logNorms, massP, massQ, normP, normQ, useAsSent } from './logits';
import { peakP, peakQ } from './logits-range';

let refined: f64 = 0;
let largestTerm: f64 = 0;

export function beginTerms(): void {
  refined = largestTerm = 0;
}

/** Adds n of the summands that lose no digits where P ≈ Q. */
export function refineLogits(p: usize, q: usize, n: i32): void {
  let sum = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) sum = f64x2.add(sum, refinedTerm(v128.load(p), v128.load(q)));
  if (n & 1) sum = f64x2.add(sum, once(refinedTerm(lastOf(p), lastOf(q))));
  refined += sumOf(sum);
}

/** The total, from the sum of the normalised sides, which is NaN where its digits are not sure. */
export function refinedLogits(): f64 {
  if (areNormalized()) return refined;
  const logP = logRatioOf(massP, 1);
  const logQ = logRatioOf(massQ, 1);
  useAsSent(logP, logQ);
  const total = asTheyStand(refined, massP, logP, logQ);
  return isSure(total, refined) ? total : NaN;
}

function refinedTerm(x: v128, y: v128): v128 {
  const p = f64x2.div(exponential(f64x2.sub(x, f64x2.splat(peakP))), f64x2.splat(normP));
  const q = f64x2.div(exponential(f64x2.sub(y, f64x2.splat(peakQ))), f64x2.splat(normQ));
  return generalizedTerm(p, q, logRatioOfLogits(x, y));
}

/** log p - log q, with what the subtraction of the peaks rounds away put back as in `src/core/log-ratio.ts`. */
export function logRatioOfLogits(x: v128, y: v128): v128 {
  const shiftP = f64x2.splat(-peakP);
  const shiftQ = f64x2.splat(-peakQ);
  const a = f64x2.add(x, shiftP);
  const b = f64x2.add(y, shiftQ);
  const lost = f64x2.sub(lostIn(x, shiftP, a), lostIn(y, shiftQ, b));
  return f64x2.sub(f64x2.add(f64x2.sub(a, b), lost), f64x2.splat(logNorms));
}

/** Writes n terms p·(log p - log q). */
export function writeLogits(p: usize, q: usize, out: usize, n: i32): void {
  let largest = f64x2.splat(largestTerm);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16, out += 16) {
    const term = termOfLogits(v128.load(p), v128.load(q));
    largest = f64x2.relaxed_max(f64x2.abs(term), largest);
    v128.store(out, term);
  }
  if (n & 1) {
    const term = termOfLogits(lastOf(p), lastOf(q));
    largest = f64x2.relaxed_max(f64x2.abs(term), largest);
    v128.store64_lane(out, term, 0);
  }
  largestTerm = largestOf(largest);
}

function termOfLogits(x: v128, y: v128): v128 {
  const p = f64x2.div(exponential(f64x2.sub(x, f64x2.splat(peakP))), f64x2.splat(normP));
  return f64x2.mul(p, logRatioOfLogits(x, y));
}

/** Whether the error of `logNorms`, which the largest p carries into its term, is small beside the largest term. */
export function areTermsOfLogitsExact(): bool {
  return largestTerm * massP >= 2.0 ** -5;
}
