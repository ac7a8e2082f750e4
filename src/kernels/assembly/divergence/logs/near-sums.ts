import { pairs, powersP, powersQ } from '../layout';
import { exponential, power, seriesOf, storeExponentials } from '../math/exponential';
import { largestOf, lastOf, once, smallestOf, sumOf, sumsOf } from '../math/simd';

/** Up to this |t| the polynomial holds. */
export const nearby: f64 = 1;

// of a block, with e = exp(x - reference) and t = x - y - offset
/** The extrema of x - reference, and the largest t² of a block. */
export let blockHighest: f64 = 0;
export let blockLowest: f64 = 0;
export let blockWidest: f64 = 0;
export let blockSums: v128 = f64x2.splat(0);
export let blockPhis: f64 = 0;
export let blockOtherPhis: f64 = 0;

/** Sums of a block, with the polynomial of t. From `place` on, unless it is below 0, e and t are kept. */
export function sumNear(p: usize, q: usize, n: i32, reference: f64, offset: f64, place: i32): void {
  const isKept = place >= 0;
  const shift = f64x2.splat(reference);
  const constant = f64x2.splat(offset);
  let high = f64x2.splat(-Infinity);
  let low = f64x2.splat(Infinity);
  let wide = f64x2.splat(0);
  let mass = f64x2.splat(0);
  let product = f64x2.splat(0);
  let phi = f64x2.splat(0);
  let otherPhi = f64x2.splat(0);
  let at: usize = max(0, place);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) {
    const x = v128.load(p);
    const a = f64x2.sub(x, shift);
    const t = f64x2.sub(f64x2.sub(x, v128.load(q)), constant);
    const square = f64x2.mul(t, t);
    high = f64x2.relaxed_max(a, high);
    low = f64x2.relaxed_min(a, low);
    wide = f64x2.relaxed_max(square, wide);
    const e = power(a);
    mass = f64x2.add(mass, e);
    product = f64x2.relaxed_madd(e, t, product);
    const each = f64x2.mul(square, seriesOf(t));
    phi = f64x2.relaxed_madd(e, each, phi);
    if (!isKept) continue;
    otherPhi = f64x2.relaxed_madd(e, otherOf(each, t, square), otherPhi);
    v128.store(powersP + at, e);
    v128.store(powersQ + at, t);
    at += 16;
  }
  if (n & 1) {
    const x = lastOf(p);
    const a = f64x2.sub(x, shift);
    const t = f64x2.sub(f64x2.sub(x, lastOf(q)), constant);
    const square = f64x2.mul(t, t);
    high = f64x2.relaxed_max(a, high);
    low = f64x2.relaxed_min(a, low);
    wide = f64x2.relaxed_max(square, wide);
    const e = once(power(a));
    mass = f64x2.add(mass, e);
    product = f64x2.relaxed_madd(e, t, product);
    const each = f64x2.mul(square, seriesOf(t));
    phi = f64x2.relaxed_madd(e, each, phi);
    if (isKept) {
      otherPhi = f64x2.relaxed_madd(e, otherOf(each, t, square), otherPhi);
      v128.store64_lane(powersP + at, e, 0);
      v128.store64_lane(powersQ + at, t, 0);
    }
  }
  blockHighest = largestOf(high);
  blockLowest = smallestOf(low);
  blockWidest = largestOf(wide);
  blockSums = sumsOf(mass, product);
  blockPhis = sumOf(phi);
  blockOtherPhis = sumOf(otherPhi);
}

/** 1 - (1 + t)·exp(-t), from φ = t + exp(-t) - 1: it is t² - φ·(1 + t), of which no more than half cancels. */
function otherOf(phi: v128, t: v128, square: v128): v128 {
  return f64x2.relaxed_nmadd(phi, f64x2.add(f64x2.splat(1), t), square);
}

const scratch: usize = pairs;

/** The sums of both φ of a block where some t is larger. */
export function sumWide(p: usize, q: usize, n: i32, reference: f64, offset: f64): void {
  let phi = f64x2.splat(0);
  let otherPhi = f64x2.splat(0);
  const end = p + (n << 3);
  for (; p < end; p += 16, q += 16) {
    const isLast = p + 8 === end;
    const x = isLast ? lastOf(p) : v128.load(p);
    const t = f64x2.sub(f64x2.sub(x, isLast ? lastOf(q) : v128.load(q)), f64x2.splat(offset));
    storeExponentials(t, scratch, scratch + 16, scratch + 32);
    const power = exponential(f64x2.sub(x, f64x2.splat(reference)));
    const e = isLast ? once(power) : power;
    const each = v128.load(scratch, 32);
    phi = f64x2.relaxed_madd(e, each, phi);
    // 1 - (1 + t)·exp(-t) is -(exp(-t) - 1)·t - φ
    otherPhi = f64x2.relaxed_nmadd(e, f64x2.relaxed_madd(v128.load(scratch, 16), t, each), otherPhi);
  }
  blockPhis = sumOf(phi);
  blockOtherPhis = sumOf(otherPhi);
}
