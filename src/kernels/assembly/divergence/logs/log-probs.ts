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
let low: v128 = f64x2.splat(0);
let high: v128 = f64x2.splat(0);

export function beginLogProbs(): void {
  masses = massesLost = products = productsLost = f64x2.splat(0);
  low = f64x2.splat(Infinity);
  high = f64x2.splat(-Infinity);
}

/** Adds a block of n outcomes. */
export function addLogProbs(p: usize, q: usize, n: i32): void {
  let sumP = f64x2.splat(0);
  let sumQ = f64x2.splat(0);
  let product = f64x2.splat(0);
  let magnitude = f64x2.splat(0);
  let lowest = low;
  let highest = high;
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
  low = lowest;
  high = highest;
  const more = sumsOf(sumP, sumQ);
  const sum = f64x2.add(masses, more);
  massesLost = f64x2.add(massesLost, lostIn(masses, more, sum));
  masses = sum;
  const moreProducts = sumsOf(product, magnitude);
  const productSum = f64x2.add(products, moreProducts);
  productsLost = f64x2.add(productsLost, lostIn(products, moreProducts, productSum));
  products = productSum;
}

/** Σ p·(x - y); NaN where the definition has something to report, or too many digits are lost. */
export function totalOfLogProbs(): f64 {
  const sum = f64x2.add(masses, massesLost);
  const massP = f64x2.extract_lane(sum, 0);
  const massQ = f64x2.extract_lane(sum, 1);
  const both = f64x2.add(products, productsLost);
  const total = f64x2.extract_lane(both, 0);
  const isInRange = smallestOf(low) >= lowestLog && largestOf(high) <= highestLog;
  const isExact = total >= 2.0 ** -8 * f64x2.extract_lane(both, 1);
  return isInRange && isExact && arePlain(total, massP, massQ) ? total : NaN;
}
