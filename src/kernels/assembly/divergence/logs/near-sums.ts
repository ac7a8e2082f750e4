import { computedP, computedQ, pairs, powersP, powersQ } from '../layout';
import { exponential, storeExponentials } from '../math/exponential';
import { powers } from '../math/exponentials';
import { largestOf, lastOf, once, smallestOf, sumOf, sumsOf } from '../math/simd';

const table: usize = memory.data<f64>([
  0.5,
  1.2291416227333754e-11, // from here on sinh(t / 2) / t for |t| ≤ 1, from t¹⁰ down: interpolated at Chebyshev nodes
  5.382222553959354e-9,
  1.5500992407681596e-6,
  0.0002604166666585983,
  0.020833333333334026,
  0.5,
  1.2297325291334882e-10, // from here on (t / 2·cosh(t / 2) - sinh(t / 2)) / t³ for |t| ≤ 1, from t⁸ down: least squares, weighted by t
  4.305766225039548e-8,
  9.300595522165422e-6,
  0.0010416666666159273,
  0.041666666666669204,
]);

/** Up to this |t| the polynomials hold. */
export const nearby: f64 = 1;

// of a block, with t = x - y - offset, e = exp(x - reference), and g = e·exp(-t / 2), the geometric mean of both sides
/** The extrema of x - reference, and the largest t² of a block. */
export let blockHighest: f64 = 0;
export let blockLowest: f64 = 0;
export let blockWidest: f64 = 0;
/** Σ e and Σ e·(1 - exp(-t)) */
export let blockSums: v128 = f64x2.splat(0);
/** Σ e·(t + exp(-t) - 1) and Σ e·(1 - (1 + t)·exp(-t)) */
export let blockPhis: f64 = 0;
export let blockOtherPhis: f64 = 0;

/** Sums of a block, with polynomials of t. From `place` on, unless it is below 0, g and t are kept. */
export function sumNear(p: usize, q: usize, n: i32, reference: f64, offset: f64, place: i32): void {
  const g: usize = place < 0 ? computedP : powersP + place;
  const t: usize = place < 0 ? computedQ : powersQ + place;
  writeSteps(p, q, n, reference, offset, g, t);
  powers(g, g, n, 0);
  sumSines(g, t, n);
  addRests(g, t, n);
}

/** Writes log g and t, and finds the extrema. */
function writeSteps(p: usize, q: usize, n: i32, reference: f64, offset: f64, toG: usize, toT: usize): void {
  const shift = f64x2.splat(reference);
  const constant = f64x2.splat(offset);
  const half = v128.load64_splat(table);
  let high = f64x2.splat(-Infinity);
  let low = f64x2.splat(Infinity);
  const end = p + (n << 3);
  for (; p < end; p += 16, q += 16, toG += 16, toT += 16) {
    const isLast = p + 8 === end;
    const x = isLast ? lastOf(p) : v128.load(p);
    const a = f64x2.sub(x, shift);
    const t = f64x2.sub(f64x2.sub(x, isLast ? lastOf(q) : v128.load(q)), constant);
    high = f64x2.relaxed_max(a, high);
    low = f64x2.relaxed_min(a, low);
    v128.store(toG, f64x2.relaxed_nmadd(t, half, a));
    v128.store(toT, t);
  }
  blockHighest = largestOf(high);
  blockLowest = smallestOf(low);
}

// with s = g·sinh(t / 2) and c = g·(t / 2·cosh(t / 2) - sinh(t / 2)): e·(1 - exp(-t)) is 2·s, e is g·cosh(t / 2) + s = 2·(s + c) / t + s,
// and what makes up both φ is t·s ± 2·c

/** Adds up what s gives, from a polynomial of t². */
function sumSines(g: usize, t: usize, n: i32): void {
  let wide = f64x2.splat(0);
  let sums = f64x2.splat(0);
  let sines = f64x2.splat(0);
  let means = f64x2.splat(0);
  const c5 = v128.load64_splat(table, 8);
  const c4 = v128.load64_splat(table, 16);
  const c3 = v128.load64_splat(table, 24);
  const c2 = v128.load64_splat(table, 32);
  const c1 = v128.load64_splat(table, 40);
  const c0 = v128.load64_splat(table, 48);
  for (const end = g + (n << 3); g < end; g += 16, t += 16) {
    const step = v128.load(t);
    const square = f64x2.mul(step, step);
    wide = f64x2.relaxed_max(square, wide);
    const high = f64x2.relaxed_madd(f64x2.relaxed_madd(f64x2.relaxed_madd(c5, square, c4), square, c3), square, c2);
    const each = f64x2.mul(v128.load(g), f64x2.relaxed_madd(f64x2.relaxed_madd(high, square, c1), square, c0));
    sums = f64x2.add(sums, each);
    sines = f64x2.relaxed_madd(step, each, sines);
    means = f64x2.relaxed_madd(square, each, means);
  }
  blockWidest = largestOf(wide);
  blockSums = sumsOf(f64x2.add(f64x2.add(sums, sums), sines), f64x2.add(sines, sines));
  blockPhis = blockOtherPhis = sumOf(means);
}

/** Adds to it what c gives. */
function addRests(g: usize, t: usize, n: i32): void {
  let sums = f64x2.splat(0);
  let rests = f64x2.splat(0);
  const c4 = v128.load64_splat(table, 56);
  const c3 = v128.load64_splat(table, 64);
  const c2 = v128.load64_splat(table, 72);
  const c1 = v128.load64_splat(table, 80);
  const c0 = v128.load64_splat(table, 88);
  for (const end = g + (n << 3); g < end; g += 16, t += 16) {
    const step = v128.load(t);
    const square = f64x2.mul(step, step);
    const high = f64x2.relaxed_madd(f64x2.relaxed_madd(c4, square, c3), square, c2);
    const series = f64x2.relaxed_madd(f64x2.relaxed_madd(high, square, c1), square, c0);
    const each = f64x2.mul(f64x2.mul(v128.load(g), square), series);
    sums = f64x2.add(sums, each);
    rests = f64x2.relaxed_madd(step, each, rests);
  }
  const rest = 2 * sumOf(rests);
  blockSums = f64x2.add(blockSums, f64x2.replace_lane(f64x2.splat(0), 0, 2 * sumOf(sums)));
  blockPhis += rest;
  blockOtherPhis -= rest;
}

const scratch: usize = pairs;

/** The sums of a block where some t is larger. */
export function sumWide(p: usize, q: usize, n: i32, reference: f64, offset: f64): void {
  let mass = f64x2.splat(0);
  let change = f64x2.splat(0);
  let phi = f64x2.splat(0);
  let otherPhi = f64x2.splat(0);
  const end = p + (n << 3);
  for (; p < end; p += 16, q += 16) {
    const isLast = p + 8 === end;
    const x = isLast ? lastOf(p) : v128.load(p);
    const t = f64x2.sub(f64x2.sub(x, isLast ? lastOf(q) : v128.load(q)), f64x2.splat(offset));
    storeExponentials(t, scratch, scratch + 16, scratch + 32);
    const all = exponential(f64x2.sub(x, f64x2.splat(reference)));
    const e = isLast ? once(all) : all;
    const excess = v128.load(scratch, 16);
    const each = v128.load(scratch, 32);
    mass = f64x2.add(mass, e);
    change = f64x2.relaxed_nmadd(e, excess, change);
    phi = f64x2.relaxed_madd(e, each, phi);
    // 1 - (1 + t)·exp(-t) is -(exp(-t) - 1)·t - φ
    otherPhi = f64x2.relaxed_nmadd(e, f64x2.relaxed_madd(excess, t, each), otherPhi);
  }
  blockSums = sumsOf(mass, change);
  blockPhis = sumOf(phi);
  blockOtherPhis = sumOf(otherPhi);
}
