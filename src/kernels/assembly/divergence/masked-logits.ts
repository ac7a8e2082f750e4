import { exponential } from './exponential';
import { generalisedTerm } from './generalized-term';
import { logRatioOf } from './logarithm';
import { logRatioOfLogits, massP, massQ, setMasses } from './logits';
import { largestDomain, peakP, peakQ } from './logits-range';
import { lastOf, lostIn, once, smallestOf, sumOf, sumsOf } from './simd';

/** Logits so far below the peak are masked: their exponential is 0 in float64. */
const masked: f64 = -780;
/** Between it and this one an exponential is no normal number, or nearly so: such rows are left to the definition. */
const lowest: f64 = -690;

// Σ e of P and of Q, Σ e_p·a_p and Σ e_p·a_q as in `logits`, and what rounding took from them
let masses: v128 = f64x2.splat(0);
let massesLost: v128 = f64x2.splat(0);
let products: v128 = f64x2.splat(0);
let productsLost: v128 = f64x2.splat(0);
let low: v128 = f64x2.splat(0);
let isNumber: v128 = i64x2.splat(-1);
let sumP: v128 = f64x2.splat(0);
let sumQ: v128 = f64x2.splat(0);
let productP: v128 = f64x2.splat(0);
let productQ: v128 = f64x2.splat(0);
let parts: f64 = 0;
let refined: f64 = 0;

export function beginMasked(): void {
  masses = massesLost = products = productsLost = low = f64x2.splat(0);
  isNumber = i64x2.splat(-1);
  refined = 0;
}

/** Adds a block of n outcomes, of which any may be masked on either side. */
export function addMasked(p: usize, q: usize, n: i32): void {
  sumP = sumQ = productP = productQ = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) addPair(v128.load(p), v128.load(q), i64x2.splat(-1));
  if (n & 1) addPair(lastOf(p), lastOf(q), i64x2(-1, 0));
  const more = sumsOf(sumP, sumQ);
  const sum = f64x2.add(masses, more);
  massesLost = f64x2.add(massesLost, lostIn(masses, more, sum));
  masses = sum;
  const moreProducts = sumsOf(productP, productQ);
  const product = f64x2.add(products, moreProducts);
  productsLost = f64x2.add(productsLost, lostIn(products, moreProducts, product));
  products = product;
}

function addPair(x: v128, y: v128, counted: v128): void {
  const a = f64x2.sub(x, f64x2.splat(peakP));
  const b = f64x2.sub(y, f64x2.splat(peakQ));
  isNumber = v128.and(isNumber, v128.and(f64x2.eq(a, a), f64x2.eq(b, b)));
  const hasP = v128.and(counted, f64x2.ge(a, f64x2.splat(masked)));
  const hasQ = v128.and(counted, f64x2.ge(b, f64x2.splat(masked)));
  const ofP = v128.and(a, hasP);
  const ofQ = v128.and(b, hasQ);
  low = f64x2.relaxed_min(f64x2.relaxed_min(ofP, ofQ), low);
  const e = v128.and(exponential(ofP), hasP);
  sumP = f64x2.add(sumP, e);
  sumQ = f64x2.add(sumQ, v128.and(exponential(ofQ), hasQ));
  productP = f64x2.relaxed_madd(e, ofP, productP);
  // -Infinity where only Q is masked by it
  productQ = f64x2.relaxed_madd(e, v128.and(b, hasP), productQ);
}

/** The total, Infinity where Q has no mass and P has; NaN where a logit is NaN, or nearly masked. */
export function totalOfMasked(): f64 {
  if (!(i64x2.all_true(isNumber) && smallestOf(low) >= lowest && max(peakP, peakQ) <= largestDomain)) return NaN;
  const sum = f64x2.add(masses, massesLost);
  const ofP = f64x2.extract_lane(sum, 0);
  const ofQ = f64x2.extract_lane(sum, 1);
  const logMasses = logRatioOf(ofP, ofQ);
  setMasses(ofP, logMasses);
  const lost = f64x2.extract_lane(products, 1) === -Infinity ? f64x2.splat(0) : productsLost;
  const product = f64x2.add(products, lost);
  parts = 1 + logRatioOf(ofP, 1) + logRatioOf(ofQ, 1) - sumOf(product) / ofP;
  return (f64x2.extract_lane(product, 0) - f64x2.extract_lane(product, 1)) / ofP - logMasses;
}

/** A bound of what was added up to the total, and so of its rounding error in units of 2⁻⁵³. */
export function partsOfMasked(): f64 {
  return parts;
}

/** Adds n of the summands that lose no digits where P ≈ Q, and are q where P is masked. */
export function refineMasked(p: usize, q: usize, n: i32): void {
  let sum = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) sum = f64x2.add(sum, refinedTerm(v128.load(p), v128.load(q)));
  if (n & 1) sum = f64x2.add(sum, once(refinedTerm(lastOf(p), lastOf(q))));
  refined += sumOf(sum);
}

export function refinedMasked(): f64 {
  return refined;
}

function refinedTerm(x: v128, y: v128): v128 {
  const a = f64x2.sub(x, f64x2.splat(peakP));
  const b = f64x2.sub(y, f64x2.splat(peakQ));
  const hasP = f64x2.ge(a, f64x2.splat(masked));
  const hasQ = f64x2.ge(b, f64x2.splat(masked));
  const p = f64x2.div(v128.and(exponential(v128.and(a, hasP)), hasP), f64x2.splat(massP));
  const q = f64x2.div(v128.and(exponential(v128.and(b, hasQ)), hasQ), f64x2.splat(massQ));
  const term = generalisedTerm(p, q, v128.and(logRatioOfLogits(x, y), hasP));
  return v128.bitselect(term, q, hasP);
}
