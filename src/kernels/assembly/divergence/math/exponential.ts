import { powerOfTwo } from './roots';
import { linear } from './simd';

// loaded where they are used: V8 builds a constant anew at every use, which takes longer than a load
export const exponentialTable: usize = memory.data<f64>([
  369.3299304675746, // 256 / log 2
  6755399441055744, // 1.5 · 2⁵²: added to a small number it leaves the nearest integer in the low bits
  0.002707606174059407, // log 2 / 256 to 40 bits, of which any exponent is an exact multiple
  2.8792978770186714e-15, // the rest of log 2 / 256
  0.04166667061204666, // from here on (exp(r) - 1) / r for |r| ≤ log 2 / 512, from r³ down: least absolute error of r times it
  0.1666666857581523,
  0.4999999999999974,
  0.9999999999999912,
]);

/**
 * exp(x) of both lanes for x in [-708, 709], within one unit in the last place or so: x = k·log 2 / 256 + r with |r| ≤ log 2 / 512,
 * exp(x) = 2^(k / 256)·exp(r). Cody and Waite's reduction in two steps, exact with and without fused multiply-add; Tang's table
 * of powers: doi:10.1145/63522.214389. Muller, Elementary Functions, chapters 4 and 11:
 * doi:10.1007/978-1-4899-7983-4
 */
export function exponential(x: v128): v128 {
  const magic = v128.load64_splat(exponentialTable, 8);
  const t = f64x2.relaxed_madd(x, v128.load64_splat(exponentialTable), magic);
  const k = f64x2.sub(t, magic);
  const high = f64x2.relaxed_nmadd(k, v128.load64_splat(exponentialTable, 16), x);
  const r = f64x2.relaxed_nmadd(k, v128.load64_splat(exponentialTable, 24), high);
  const scale = powerOfTwo(t);
  const y = f64x2.relaxed_madd(linear(r, exponentialTable + 32), f64x2.mul(r, r), linear(r, exponentialTable + 48));
  return f64x2.relaxed_madd(f64x2.mul(scale, r), y, scale);
}

const widerTable: usize = memory.data<f64>([
  1.4426950408889634, // 1 / log 2
  6755399441055744, // 1.5 · 2⁵²: added to a small number it leaves the nearest integer in the low bits
  0.6931471805592082, // log 2 to 40 bits, of which any exponent is an exact multiple
  7.371002565167799e-13, // the rest of log 2
  2.5100424157005067e-8, // from here on exp(r), interpolated at Chebyshev nodes, from r¹¹ down
  2.7620138719733994e-7,
  2.7557268378684192e-6,
  2.480152119021773e-5,
  0.00019841269863105968,
  0.0013888888917281794,
  0.008333333333330051,
  0.04166666666662399,
  0.16666666666666669,
  0.5,
  1,
]);

/** (exp(r) - 1 - r) / r² */
function tailOf(r: v128): v128 {
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const low = f64x2.relaxed_madd(linear(r, widerTable + 80), r2, linear(r, widerTable + 96));
  const middle = f64x2.relaxed_madd(linear(r, widerTable + 48), r2, linear(r, widerTable + 64));
  const high = linear(r, widerTable + 32);
  return f64x2.relaxed_madd(high, f64x2.mul(r4, r4), f64x2.relaxed_madd(middle, r4, low));
}

/**
 * Stores exp(-d), exp(-d) - 1 and d + exp(-d) - 1 of both lanes at `ratio`, `excess` and `phi`, for |d| ≤ 708, each within a few units in
 * its last place: by the same reduction and the same polynomial, of which d + exp(-d) - 1 is r²·(1/2 + r/6 + …) where k is 0.
 */
export function storeExponentials(d: v128, ratio: usize, excess: usize, phi: usize): void {
  const x = f64x2.neg(d);
  const magic = v128.load64_splat(widerTable, 8);
  const t = f64x2.relaxed_madd(x, v128.load64_splat(widerTable), magic);
  const k = f64x2.sub(t, magic);
  const high = f64x2.relaxed_nmadd(k, v128.load64_splat(widerTable, 16), x);
  const r = f64x2.relaxed_nmadd(k, v128.load64_splat(widerTable, 24), high);
  const near = f64x2.mul(f64x2.mul(r, r), tailOf(r));
  const one = v128.load64_splat(widerTable, 112);
  // 2ᵏ, and 2ᵏ·(exp(r) - 1)
  const power = i64x2.add(one, i64x2.shl(t, 52));
  const rest = f64x2.mul(power, f64x2.add(r, near));
  const e = f64x2.add(f64x2.sub(power, one), rest);
  v128.store(ratio, f64x2.add(power, rest));
  v128.store(excess, e);
  v128.store(phi, v128.bitselect(near, f64x2.add(d, e), f64x2.eq(power, one)));
}
