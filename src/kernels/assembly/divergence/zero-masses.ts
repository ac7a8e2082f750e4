import { generalisedTerm } from './generalized-term';
import { logRatio, logRatioOf } from './logarithm';
import { logRatioOfCounts } from './refined-counts';
import { lastOf, lostIn, once, smallestOf, sumOf, sumsOf } from './simd';

// Σ p·log(p / q) and Σ |p·log(p / q)| over the outcomes that have mass on both sides, and what rounding took from them
let products: v128 = f64x2.splat(0);
let productsLost: v128 = f64x2.splat(0);
/** The smallest numbers above 0. */
let lowP: v128 = f64x2.splat(0);
let lowQ: v128 = f64x2.splat(0);
/** Where only P has mass. */
let onlyP: v128 = i64x2.splat(0);
let refined: f64 = 0;
let product: v128 = f64x2.splat(0);
let magnitude: v128 = f64x2.splat(0);

export function beginZeros(): void {
  products = productsLost = f64x2.splat(0);
  lowP = lowQ = f64x2.splat(Infinity);
  onlyP = i64x2.splat(0);
  refined = 0;
}

/** Adds a block of n outcomes, of which any may be 0 on either side. */
export function addZeros(p: usize, q: usize, n: i32): void {
  product = magnitude = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) addPair(v128.load(p), v128.load(q), i64x2.splat(-1));
  if (n & 1) addPair(lastOf(p), lastOf(q), i64x2(-1, 0));
  const more = sumsOf(product, magnitude);
  const sum = f64x2.add(products, more);
  productsLost = f64x2.add(productsLost, lostIn(products, more, sum));
  products = sum;
}

function addPair(x: v128, y: v128, counted: v128): void {
  const none = f64x2.splat(0);
  const hasP = v128.and(counted, f64x2.gt(x, none));
  const hasQ = v128.and(counted, f64x2.gt(y, none));
  const most = f64x2.splat(Infinity);
  lowP = f64x2.relaxed_min(v128.bitselect(x, most, hasP), lowP);
  lowQ = f64x2.relaxed_min(v128.bitselect(y, most, hasQ), lowQ);
  onlyP = v128.or(onlyP, v128.andnot(hasP, hasQ));
  const has = v128.and(hasP, hasQ);
  const one = f64x2.splat(1);
  const term = f64x2.mul(v128.and(x, has), logRatio(v128.bitselect(x, one, has), v128.bitselect(y, one, has)));
  product = f64x2.add(product, term);
  magnitude = f64x2.add(magnitude, f64x2.abs(term));
}

export function lowestP(): f64 {
  return smallestOf(lowP);
}

export function lowestQ(): f64 {
  return smallestOf(lowQ);
}

/** Σ p·log(p / q) / massP - log(massP / massQ), Infinity where Q has no mass and P has. */
export function totalOfZeros(massP: f64, massQ: f64): f64 {
  if (v128.any_true(onlyP)) return Infinity;
  const sum = f64x2.add(products, productsLost);
  return f64x2.extract_lane(sum, 0) / massP - logRatioOf(massP, massQ);
}

/** A bound of what was added up to the total, and so of its rounding error in units of 2⁻⁵³. */
export function partsOfZeros(massP: f64, massQ: f64): f64 {
  return f64x2.extract_lane(products, 1) / massP + abs(logRatioOf(massP, massQ));
}

/** Adds n of the summands that lose no digits where P ≈ Q, and are q where P has no mass. */
export function refineZeros(p: usize, q: usize, n: i32, massP: f64, massQ: f64): void {
  let sum = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) sum = f64x2.add(sum, refinedTerm(v128.load(p), v128.load(q), massP, massQ));
  if (n & 1) sum = f64x2.add(sum, once(refinedTerm(lastOf(p), lastOf(q), massP, massQ)));
  refined += sumOf(sum);
}

export function refinedZeros(): f64 {
  return refined;
}

function refinedTerm(x: v128, y: v128, massP: f64, massQ: f64): v128 {
  const hasP = f64x2.gt(x, f64x2.splat(0));
  const p = f64x2.div(x, f64x2.splat(massP));
  const q = f64x2.div(y, f64x2.splat(massQ));
  const one = f64x2.splat(1);
  const d = logRatioOfCounts(v128.bitselect(x, one, hasP), v128.bitselect(y, one, hasP), massP, massQ, f64x2.splat(0));
  return v128.bitselect(generalisedTerm(p, q, d), q, hasP);
}
