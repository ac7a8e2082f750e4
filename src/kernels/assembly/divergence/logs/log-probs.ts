import { computedP, filledP, filledQ } from '../layout';
import { areLikely, fill, setPeaks } from '../masked';
import { addTo, clearSum, sumAlign, sumBytes, valueOf } from '../math/compensated';
import { powers, sumOfRoughPowers } from '../math/exponentials';
import { largestOf, lastOf, smallestOf, sumsOf } from '../math/simd';
import { arePlain } from '../sides';

// log-probabilities on both sides, which are used as they stand: what is left to compute is p, and the mass of Q, which is only checked

/** Lower logarithms are left to the definition: their exponentials are no normal numbers, or nearly so. */
const lowestLog: f64 = -690;
const highestLog: f64 = 2;
/**
 * From this total D on it is no less than 2⁻⁸·Σ p·|x - y|, which is D + 2·Σ p·log(q / p) where q is larger, and so no more than D + √(2·D):
 * p·log(q / p) ≤ q - p, and Pinsker's inequality bounds the sum of these by √(D / 2).
 */
const leastTotal: f64 = 3.1e-5;

// Σ p and Σ p·(x - y), and Σ q
const sums: usize = memory.data(sumBytes, sumAlign);
export let massP: f64 = 0;
let massQ: f64 = 0;
let product: f64 = 0;
let low: f64 = 0;
let high: f64 = 0;
let blockSums: v128 = f64x2.splat(0);
let blockMassOfQ: f64 = 0;
let blockLow: f64 = 0;
let blockHigh: f64 = 0;

export function beginLogProbs(): void {
  clearSum(sums);
  massQ = 0;
  low = Infinity;
  high = -Infinity;
  setPeaks(0, 0);
}

/** Adds a block of n outcomes. @param fills whether outcomes without mass are passed over */
export function addLogProbs(p: usize, q: usize, n: i32, fills: bool): void {
  let isFilled = fills && areLikely;
  if (!isFilled) {
    sumBlock(p, q, n);
    isFilled = fills && !(blockLow >= lowestLog);
  }
  if (isFilled) {
    fill(p, q, n);
    sumBlock(filledP, filledQ, n);
  }
  low = min(low, blockLow);
  high = max(high, blockHigh);
  addTo(sums, blockSums);
  massQ += blockMassOfQ;
}

function sumBlock(p: usize, q: usize, n: i32): void {
  powers(p, computedP, n, 0);
  blockMassOfQ = sumOfRoughPowers(q, n);
  let sum = f64x2.splat(0);
  let products = f64x2.splat(0);
  let otherProducts = f64x2.splat(0);
  let lowest = f64x2.splat(Infinity);
  let highest = f64x2.splat(-Infinity);
  let mass = computedP;
  for (const end = p + ((n & -4) << 3); p < end; p += 32, q += 32, mass += 32) {
    const x = v128.load(p);
    const y = v128.load(q);
    const nextX = v128.load(p, 16);
    const nextY = v128.load(q, 16);
    const each = v128.load(mass);
    const next = v128.load(mass, 16);
    lowest = f64x2.relaxed_min(f64x2.relaxed_min(x, y), f64x2.relaxed_min(f64x2.relaxed_min(nextX, nextY), lowest));
    highest = f64x2.relaxed_max(f64x2.relaxed_max(x, y), f64x2.relaxed_max(f64x2.relaxed_max(nextX, nextY), highest));
    sum = f64x2.add(sum, f64x2.add(each, next));
    products = f64x2.relaxed_madd(each, f64x2.sub(x, y), products);
    otherProducts = f64x2.relaxed_madd(next, f64x2.sub(nextX, nextY), otherProducts);
  }
  if (n & 2) {
    const x = v128.load(p);
    const y = v128.load(q);
    const each = v128.load(mass);
    lowest = f64x2.relaxed_min(x, f64x2.relaxed_min(y, lowest));
    highest = f64x2.relaxed_max(x, f64x2.relaxed_max(y, highest));
    sum = f64x2.add(sum, each);
    products = f64x2.relaxed_madd(each, f64x2.sub(x, y), products);
    p += 16;
    q += 16;
    mass += 16;
  }
  if (n & 1) {
    const x = lastOf(p);
    const y = lastOf(q);
    const each = v128.load(mass);
    lowest = f64x2.relaxed_min(x, f64x2.relaxed_min(y, lowest));
    highest = f64x2.relaxed_max(x, f64x2.relaxed_max(y, highest));
    sum = f64x2.add(sum, each);
    products = f64x2.relaxed_madd(each, f64x2.sub(x, y), products);
  }
  blockLow = smallestOf(lowest);
  blockHigh = largestOf(highest);
  blockSums = sumsOf(sum, f64x2.add(products, otherProducts));
}

/** Takes the sums together once all pieces are added. */
export function endLogProbs(): void {
  const both = valueOf(sums);
  massP = f64x2.extract_lane(both, 0);
  product = f64x2.extract_lane(both, 1);
}

/** Σ p·(x - y); NaN where the definition has something to report, or too many digits are lost. */
export function totalOfLogProbs(): f64 {
  return isInRange() && product >= leastTotal && arePlain(product, massP, massQ) ? product : NaN;
}

/** Whether the definition has nothing to report of the masses. */
export function areLogProbsPlain(): bool {
  return isInRange() && arePlain(Infinity, massP, massQ);
}

function isInRange(): bool {
  return low >= lowestLog && high <= highestLog;
}
