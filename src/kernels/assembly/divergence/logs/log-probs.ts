import { filledP, filledQ } from '../layout';
import { areLikely, fill, setPeaks } from '../masked';
import { power, roughPower } from '../math/exponential';
import { largestOf, lastOf, lostIn, once, smallestOf, sumsOf } from '../math/simd';
import { arePlain } from '../sides';

// log-probabilities on both sides, which are used as they stand: what is left to compute is p, and the mass of Q, which is only checked

/** Lower logarithms are left to the definition: their exponentials are no normal numbers, or nearly so. */
const lowestLog: f64 = -690;
const highestLog: f64 = 2;

// Σ p and Σ q, Σ p·(x - y) and Σ p·|x - y|, and what rounding took from them
let masses: v128 = f64x2.splat(0);
let massesLost: v128 = f64x2.splat(0);
let products: v128 = f64x2.splat(0);
let productsLost: v128 = f64x2.splat(0);
let low: f64 = 0;
let high: f64 = 0;
let blockMasses: v128 = f64x2.splat(0);
let blockProducts: v128 = f64x2.splat(0);
let blockLow: f64 = 0;
let blockHigh: f64 = 0;

export function beginLogProbs(): void {
  masses = massesLost = products = productsLost = f64x2.splat(0);
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
  const sum = f64x2.add(masses, blockMasses);
  massesLost = f64x2.add(massesLost, lostIn(masses, blockMasses, sum));
  masses = sum;
  const productSum = f64x2.add(products, blockProducts);
  productsLost = f64x2.add(productsLost, lostIn(products, blockProducts, productSum));
  products = productSum;
}

function sumBlock(p: usize, q: usize, n: i32): void {
  let sumP = f64x2.splat(0);
  let sumQ = f64x2.splat(0);
  let product = f64x2.splat(0);
  let magnitude = f64x2.splat(0);
  let lowest = f64x2.splat(Infinity);
  let highest = f64x2.splat(-Infinity);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) {
    const x = v128.load(p);
    const y = v128.load(q);
    lowest = f64x2.relaxed_min(x, f64x2.relaxed_min(y, lowest));
    highest = f64x2.relaxed_max(x, f64x2.relaxed_max(y, highest));
    const mass = power(x);
    const d = f64x2.sub(x, y);
    sumP = f64x2.add(sumP, mass);
    sumQ = f64x2.add(sumQ, roughPower(y));
    product = f64x2.relaxed_madd(mass, d, product);
    magnitude = f64x2.relaxed_madd(mass, f64x2.abs(d), magnitude);
  }
  if (n & 1) {
    const x = lastOf(p);
    const y = lastOf(q);
    lowest = f64x2.relaxed_min(x, f64x2.relaxed_min(y, lowest));
    highest = f64x2.relaxed_max(x, f64x2.relaxed_max(y, highest));
    const mass = once(power(x));
    const d = f64x2.sub(x, y);
    sumP = f64x2.add(sumP, mass);
    sumQ = f64x2.add(sumQ, once(roughPower(y)));
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
  const sum = f64x2.add(masses, massesLost);
  const massP = f64x2.extract_lane(sum, 0);
  const massQ = f64x2.extract_lane(sum, 1);
  const both = f64x2.add(products, productsLost);
  const total = f64x2.extract_lane(both, 0);
  const isInRange = low >= lowestLog && high <= highestLog;
  const isExact = total >= 2.0 ** -8 * f64x2.extract_lane(both, 1);
  return isInRange && isExact && arePlain(total, massP, massQ) ? total : NaN;
}
