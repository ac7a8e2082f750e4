import { computedP, computedQ, filledP, filledQ } from '../layout';
import { areLikely, fill, setPeaks } from '../masked';
import { addTo, clearSum, sumAlign, sumBytes, valueOf } from '../math/compensated';
import { powers, roughPowers } from '../math/exponentials';
import { largestOf, lastOf, smallestOf, sumsOf } from '../math/simd';
import { arePlain } from '../sides';

// log-probabilities on both sides, which are used as they stand: what is left to compute is p, and the mass of Q, which is only checked

/** Lower logarithms are left to the definition: their exponentials are no normal numbers, or nearly so. */
const lowestLog: f64 = -690;
const highestLog: f64 = 2;

// Σ p and Σ q, Σ p·(x - y) and Σ p·|x - y|
const masses: usize = memory.data(sumBytes, sumAlign);
const products: usize = memory.data(sumBytes, sumAlign);
let low: f64 = 0;
let high: f64 = 0;
let blockMasses: v128 = f64x2.splat(0);
let blockProducts: v128 = f64x2.splat(0);
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
  addTo(products, blockProducts);
}

function sumBlock(p: usize, q: usize, n: i32): void {
  powers(p, computedP, n, 0);
  roughPowers(q, computedQ, n, 0);
  let sumP = f64x2.splat(0);
  let sumQ = f64x2.splat(0);
  let product = f64x2.splat(0);
  let magnitude = f64x2.splat(0);
  let lowest = f64x2.splat(Infinity);
  let highest = f64x2.splat(-Infinity);
  const end = p + (n << 3);
  let massOfQ = computedQ;
  for (let massOfP = computedP; p < end; p += 16, q += 16, massOfP += 16, massOfQ += 16) {
    const isLast = p + 8 === end;
    const x = isLast ? lastOf(p) : v128.load(p);
    const y = isLast ? lastOf(q) : v128.load(q);
    lowest = f64x2.relaxed_min(x, f64x2.relaxed_min(y, lowest));
    highest = f64x2.relaxed_max(x, f64x2.relaxed_max(y, highest));
    const mass = v128.load(massOfP);
    const d = f64x2.sub(x, y);
    sumP = f64x2.add(sumP, mass);
    sumQ = f64x2.add(sumQ, v128.load(massOfQ));
    product = f64x2.relaxed_madd(mass, d, product);
    magnitude = f64x2.relaxed_madd(mass, f64x2.abs(d), magnitude);
  }
  blockLow = smallestOf(lowest);
  blockHigh = largestOf(highest);
  blockMasses = sumsOf(sumP, sumQ);
  blockProducts = sumsOf(product, magnitude);
}

/** Σ p·(x - y); NaN where the definition has something to report, or too many digits are lost. */
export function totalOfLogProbs(): f64 {
  const sum = valueOf(masses);
  const massP = f64x2.extract_lane(sum, 0);
  const massQ = f64x2.extract_lane(sum, 1);
  const both = valueOf(products);
  const total = f64x2.extract_lane(both, 0);
  const isInRange = low >= lowestLog && high <= highestLog;
  const isExact = total >= 2.0 ** -8 * f64x2.extract_lane(both, 1);
  return isInRange && isExact && arePlain(total, massP, massQ) ? total : NaN;
}
