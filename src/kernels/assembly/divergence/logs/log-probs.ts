import { filledP, filledQ } from '../layout';
import { areLikely, fill, fillMasked, hasMasked, setPeaks } from '../masked';
import { addTo, clearSum, sumAlign, sumBytes, valueOf } from '../math/compensated';
import { sumOfRoughPowers } from '../math/exponentials';
import { largestOf, lastOf, smallestOf } from '../math/simd';
import { arePlain, tolerance } from '../sides';
import { blockMassOfQ, blockSquares, blockSums, isMassOfQ, sumP, sumQ } from './log-probs-sums';

// log-probabilities on both sides, which are used as they stand: what is left to compute is p, and the mass of Q, which is only checked

/** Lower logarithms are left to the definition: their exponentials are no normal numbers, or nearly so. */
const lowestLog: f64 = -690;
const highestLog: f64 = 2;
/** By so much the mass of Q may be off that is taken first. */
const roughness: f64 = 5e-7;
/**
 * From this total D on it is no less than 2⁻⁸·Σ p·|x - y|, which is D + 2·Σ p·log(q / p) where q is larger, and so no more than D + √(2·D):
 * p·log(q / p) ≤ q - p, and Pinsker's inequality bounds the sum of these by √(D / 2). It is more than a rough mass can bring about.
 */
const leastTotal: f64 = 3.1e-5;

// Σ p and Σ p·(x - y), and Σ q
const sums: usize = memory.data(sumBytes, sumAlign);
export let massP: f64 = 0;
let massQ: f64 = 0;
/** Whether some of `massQ` is rough. */
let isRough: bool = false;
let product: f64 = 0;
/** Whether all logarithms are in the range in which their exponentials hold. */
let areInRange: bool = true;
let blockLow: f64 = 0;
let blockHigh: f64 = 0;

export function beginLogProbs(): void {
  clearSum(sums);
  massQ = 0;
  isRough = false;
  areInRange = true;
  setPeaks(0, 0);
}

/** Adds a block of n outcomes. @param fills whether outcomes without mass are passed over */
export function addLogProbs(p: usize, q: usize, n: i32, fills: bool): void {
  let isFilled = fills && areLikely;
  if (!isFilled) {
    sumP(p, q, n);
    sumQ(q, n);
    // a number above 0 shows in the masses
    if (isMassOfQ && blockSquares <= lowestLog * lowestLog) {
      isRough = true;
      massQ += blockMassOfQ;
      addTo(sums, blockSums);
      return;
    }
    findExtrema(p, q, n);
    isFilled = fills && !(blockLow >= lowestLog);
  }
  if (isFilled) {
    fillMasked(p, q, n);
    p = filledP;
    q = filledQ;
    findExtrema(p, q, n);
    sumP(p, q, n);
  }
  areInRange = areInRange && blockLow >= lowestLog && blockHigh <= highestLog;
  massQ += sumOfRoughPowers(q, n);
  addTo(sums, blockSums);
}

function findExtrema(p: usize, q: usize, n: i32): void {
  let low = f64x2.splat(Infinity);
  let high = f64x2.splat(-Infinity);
  for (const end = p + (n << 3); p < end; p += 16, q += 16) {
    const isLast = p + 8 === end;
    const x = isLast ? lastOf(p) : v128.load(p);
    const y = isLast ? lastOf(q) : v128.load(q);
    low = f64x2.relaxed_min(x, f64x2.relaxed_min(y, low));
    high = f64x2.relaxed_max(x, f64x2.relaxed_max(y, high));
  }
  blockLow = smallestOf(low);
  blockHigh = largestOf(high);
}

/** Takes the sums together once all pieces are added. */
export function endLogProbs(): void {
  const both = valueOf(sums);
  massP = f64x2.extract_lane(both, 0);
  product = f64x2.extract_lane(both, 1);
}

/** Whether the mass of Q is too rough to tell whether it is off 1. Then it begins anew, for `weigh`. */
export function isTooRough(): bool {
  if (!isRough || abs(massQ - 1) <= tolerance - roughness) return false;
  massQ = 0;
  return true;
}

/** Adds the mass of Q of a block of n outcomes. */
export function weigh(p: usize, q: usize, n: i32): void {
  if (hasMasked) {
    fill(p, q, n);
    q = filledQ;
  }
  massQ += sumOfRoughPowers(q, n);
}

/** Σ p·(x - y); NaN where the definition has something to report, or too many digits are lost. */
export function totalOfLogProbs(): f64 {
  return areInRange && product >= leastTotal && arePlain(product, massP, massQ) ? product : NaN;
}

/** Whether the definition has nothing to report of the masses. */
export function areLogProbsPlain(): bool {
  return areInRange && arePlain(Infinity, massP, massQ);
}
