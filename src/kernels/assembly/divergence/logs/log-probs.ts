import { computedP, filledP, filledQ } from '../layout';
import { areLikely, fill, setPeaks } from '../masked';
import { addTo, clearSum, sumAlign, sumBytes, valueOf } from '../math/compensated';
import { powers, sumOfRoughPowers } from '../math/exponentials';
import { largestOf, lastOf, smallestOf, sumOf } from '../math/simd';
import { arePlain } from '../sides';

// log-probabilities on both sides, which are used as they stand: what is left to compute is p, and the mass of Q, which is only checked

/** Lower logarithms are left to the definition: their exponentials are no normal numbers, or nearly so. */
const lowestLog: f64 = -690;
const highestLog: f64 = 2;

// Σ p and Σ q, Σ p·(x - y) and Σ p·|x - y|
const masses: usize = memory.data(sumBytes, sumAlign);
const products: usize = memory.data(sumBytes, sumAlign);
export let massP: f64 = 0;
let massQ: f64 = 0;
let low: f64 = 0;
let high: f64 = 0;
let blockMasses: v128 = f64x2.splat(0);
let blockProduct: v128 = f64x2.splat(0);
let blockLow: f64 = 0;
let blockHigh: f64 = 0;

export function beginLogProbs(): void {
  clearSum(masses);
  clearSum(products);
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
  addTo(masses, blockMasses);
  addTo(products, blockProduct);
}

function sumBlock(p: usize, q: usize, n: i32): void {
  powers(p, computedP, n, 0);
  const massOfQ = sumOfRoughPowers(q, n);
  let sum = f64x2.splat(0);
  let product = f64x2.splat(0);
  let lowest = f64x2.splat(Infinity);
  let highest = f64x2.splat(-Infinity);
  let mass = computedP;
  for (const end = p + ((n & -2) << 3); p < end; p += 16, q += 16, mass += 16) {
    const x = v128.load(p);
    const y = v128.load(q);
    const each = v128.load(mass);
    lowest = f64x2.relaxed_min(x, f64x2.relaxed_min(y, lowest));
    highest = f64x2.relaxed_max(x, f64x2.relaxed_max(y, highest));
    sum = f64x2.add(sum, each);
    product = f64x2.relaxed_madd(each, f64x2.sub(x, y), product);
  }
  if (n & 1) {
    const x = lastOf(p);
    const y = lastOf(q);
    const each = v128.load(mass);
    lowest = f64x2.relaxed_min(x, f64x2.relaxed_min(y, lowest));
    highest = f64x2.relaxed_max(x, f64x2.relaxed_max(y, highest));
    sum = f64x2.add(sum, each);
    product = f64x2.relaxed_madd(each, f64x2.sub(x, y), product);
  }
  blockLow = smallestOf(lowest);
  blockHigh = largestOf(highest);
  blockMasses = f64x2.replace_lane(f64x2.splat(sumOf(sum)), 1, massOfQ);
  blockProduct = f64x2.splat(sumOf(product));
}

/** Takes the sums together once all pieces are added. */
export function endLogProbs(): void {
  const sum = valueOf(masses);
  massP = f64x2.extract_lane(sum, 0);
  massQ = f64x2.extract_lane(sum, 1);
}

/** Σ p·(x - y); NaN where the definition has something to report, or too many digits are lost. */
export function totalOfLogProbs(): f64 {
  const total = f64x2.extract_lane(valueOf(products), 0);
  const isExact = total >= 2.0 ** -8 * (total + sqrt(2 * total));
  return isInRange() && isExact && arePlain(total, massP, massQ) ? total : NaN;
}

/** Whether the definition has nothing to report of the masses. */
export function areLogProbsPlain(): bool {
  return isInRange() && arePlain(Infinity, massP, massQ);
}

function isInRange(): bool {
  return low >= lowestLog && high <= highestLog;
}
