import { exponential } from './exponential';
import { logRatio } from './logarithm';
import { largestOf, lastOf, lostIn, once, smallestOf, sumsOf } from './simd';

/** Lower logarithms are left to the definition: their exponentials are no normal numbers, or nearly so. */
const lowestLog: f64 = -690;
const lowestMass: f64 = 2.0 ** -1000;

/** Which sides are logarithms; the other is probabilities. */
let isLogP: bool = false;
let isLogQ: bool = false;
// Σ p and Σ q, Σ p·(log p - log q) and what was added up to it, and what rounding took from them
let masses: v128 = f64x2.splat(0);
let massesLost: v128 = f64x2.splat(0);
let products: v128 = f64x2.splat(0);
let productsLost: v128 = f64x2.splat(0);
let lowP: v128 = f64x2.splat(0);
let lowQ: v128 = f64x2.splat(0);
let highP: v128 = f64x2.splat(0);
let highQ: v128 = f64x2.splat(0);

export function beginLogProbs(areLogsP: bool, areLogsQ: bool): void {
  isLogP = areLogsP;
  isLogQ = areLogsQ;
  masses = massesLost = products = productsLost = f64x2.splat(0);
  lowP = lowQ = f64x2.splat(Infinity);
  highP = highQ = f64x2.splat(-Infinity);
}

let sumP: v128 = f64x2.splat(0);
let sumQ: v128 = f64x2.splat(0);
let product: v128 = f64x2.splat(0);
let magnitude: v128 = f64x2.splat(0);

/** Adds a block of n outcomes. */
export function addLogProbs(p: usize, q: usize, n: i32): void {
  sumP = sumQ = product = magnitude = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) addPair(v128.load(p), v128.load(q), f64x2.splat(1));
  if (n & 1) addPair(lastOf(p), lastOf(q), once(f64x2.splat(1)));
  const more = sumsOf(sumP, sumQ);
  const sum = f64x2.add(masses, more);
  massesLost = f64x2.add(massesLost, lostIn(masses, more, sum));
  masses = sum;
  const moreProducts = sumsOf(product, magnitude);
  const productSum = f64x2.add(products, moreProducts);
  productsLost = f64x2.add(productsLost, lostIn(products, moreProducts, productSum));
  products = productSum;
}

/** @param counted 1 in the lanes that are added */
function addPair(x: v128, y: v128, counted: v128): void {
  lowP = f64x2.relaxed_min(x, lowP);
  lowQ = f64x2.relaxed_min(y, lowQ);
  highP = f64x2.relaxed_max(x, highP);
  highQ = f64x2.relaxed_max(y, highQ);
  const p = f64x2.mul(counted, massOf(x, isLogP));
  const q = f64x2.mul(counted, massOf(y, isLogQ));
  sumP = f64x2.add(sumP, p);
  sumQ = f64x2.add(sumQ, q);
  const logP = logOf(x, isLogP);
  const logQ = logOf(y, isLogQ);
  const d = f64x2.sub(logP, logQ);
  product = f64x2.relaxed_madd(p, d, product);
  // a logarithm that is computed has its own rounding, and one that was sent has none
  const parts = isLogP && isLogQ ? f64x2.abs(d) : f64x2.add(f64x2.abs(logP), f64x2.abs(logQ));
  magnitude = f64x2.relaxed_madd(p, parts, magnitude);
}

function massOf(x: v128, isLog: bool): v128 {
  return isLog ? exponential(x) : x;
}

function logOf(x: v128, isLog: bool): v128 {
  return isLog ? x : logRatio(x, f64x2.splat(1));
}

/**
 * Σ p·(log p - log q); NaN where the definition has something to report: a mass off 1 by more than the tolerance of `src/core/diagnostics.ts`, a p or q
 * that is 0 or nearly so, or a total that is mostly the difference of the masses; and where too many digits are lost.
 */
export function totalOfLogProbs(): f64 {
  const sum = f64x2.add(masses, massesLost);
  const massP = f64x2.extract_lane(sum, 0);
  const massQ = f64x2.extract_lane(sum, 1);
  const both = f64x2.add(products, productsLost);
  const total = f64x2.extract_lane(both, 0);
  const isPlain =
    smallestOf(lowP) >= (isLogP ? lowestLog : lowestMass) &&
    smallestOf(lowQ) >= (isLogQ ? lowestLog : lowestMass) &&
    largestOf(highP) <= 2 &&
    largestOf(highQ) <= 2 &&
    abs(massP - 1) <= 0.999e-6 &&
    abs(massQ - 1) <= 0.999e-6;
  const least = (isLogP && isLogQ ? 2.0 ** -8 : 2.0 ** -12) * f64x2.extract_lane(both, 1);
  return isPlain && total > max<f64>(0, 2 * (massP - massQ)) && total >= least ? total : NaN;
}

/** Writes n terms p·(log p - log q). */
export function writeLogProbs(p: usize, q: usize, out: usize, n: i32): void {
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16, out += 16) v128.store(out, termOf(v128.load(p), v128.load(q)));
  if (n & 1) v128.store64_lane(out, termOf(lastOf(p), lastOf(q)), 0);
}

function termOf(x: v128, y: v128): v128 {
  return f64x2.mul(massOf(x, isLogP), f64x2.sub(logOf(x, isLogP), logOf(y, isLogQ)));
}
