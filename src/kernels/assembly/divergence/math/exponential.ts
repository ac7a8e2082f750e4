// loaded where they are used: V8 builds a constant anew at every use, which takes longer than a load
const table: usize = memory.data<f64>([
  1.4426950408889634, // 1 / log 2
  6755399441055744, // 1.5 · 2⁵²: added to a small number it leaves the nearest integer in the low bits
  0.6931471805592082, // log 2 to 40 bits, of which any exponent is an exact multiple
  7.371002565167799e-13, // the rest of log 2
  2.5100424157005067e-8, // from here on exp(r), from r¹¹ down
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

/**
 * exp(x) of both lanes for x in [-708, 709], within one unit in the last place or so: x = k·log 2 + r with |r| ≤ log 2 / 2,
 * exp(x) = 2ᵏ·exp(r). Cody and Waite's reduction in two steps, exact with and without fused multiply-add; exp(r) interpolated
 * at Chebyshev nodes. Muller, Elementary Functions, chapters 4 and 11: doi:10.1007/978-1-4899-7983-4
 */
export function exponential(x: v128): v128 {
  const magic = v128.load64_splat(table, 8);
  const t = f64x2.relaxed_madd(x, v128.load64_splat(table), magic);
  const k = f64x2.sub(t, magic);
  const high = f64x2.relaxed_nmadd(k, v128.load64_splat(table, 16), x);
  const r = f64x2.relaxed_nmadd(k, v128.load64_splat(table, 24), high);
  let y = f64x2.relaxed_madd(r, v128.load64_splat(table, 32), v128.load64_splat(table, 40));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 48));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 56));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 64));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 72));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 80));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 88));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 96));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 104));
  const one = v128.load64_splat(table, 112);
  y = f64x2.relaxed_madd(y, r, one);
  y = f64x2.relaxed_madd(y, r, one);
  // k stands in the low bits of t, and belongs in the exponent
  return i64x2.add(y, i64x2.shl(t, 52));
}

/**
 * Stores exp(-d), exp(-d) - 1 and d + exp(-d) - 1 of both lanes at `ratio`, `excess` and `phi`, for |d| ≤ 708, each within a few units in
 * its last place: by the same reduction and the same polynomial, of which d + exp(-d) - 1 is r²·(1/2 + r/6 + …) where k is 0.
 */
export function storeExponentials(d: v128, ratio: usize, excess: usize, phi: usize): void {
  const x = f64x2.neg(d);
  const magic = v128.load64_splat(table, 8);
  const t = f64x2.relaxed_madd(x, v128.load64_splat(table), magic);
  const k = f64x2.sub(t, magic);
  const high = f64x2.relaxed_nmadd(k, v128.load64_splat(table, 16), x);
  const r = f64x2.relaxed_nmadd(k, v128.load64_splat(table, 24), high);
  let y = f64x2.relaxed_madd(r, v128.load64_splat(table, 32), v128.load64_splat(table, 40));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 48));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 56));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 64));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 72));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 80));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 88));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 96));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 104));
  const near = f64x2.mul(f64x2.mul(r, r), y);
  const one = v128.load64_splat(table, 112);
  // 2ᵏ, and 2ᵏ·(exp(r) - 1)
  const power = i64x2.add(one, i64x2.shl(t, 52));
  const rest = f64x2.mul(power, f64x2.add(r, near));
  const e = f64x2.add(f64x2.sub(power, one), rest);
  v128.store(ratio, f64x2.add(power, rest));
  v128.store(excess, e);
  v128.store(phi, v128.bitselect(near, f64x2.add(d, e), f64x2.eq(power, one)));
}

const nearTable: usize = memory.data<f64>([
  1.4426950408889634, // 1 / log 2
  6755399441055744, // 1.5 · 2⁵²: added to a small number it leaves the nearest integer in the low bits
  0.6931471805599453, // log 2
  2.762635737968284e-7, // from here on exp(r), from r¹⁰ down
  2.764018096215644e-6,
  2.4801504346665615e-5,
  0.0001984117027004143,
  0.001388888893248886,
  0.008333333385668096,
  0.04166666666657314,
  0.16666666666554403,
  0.5000000000000006,
  1.0000000000000067,
  1,
  1.1627098130423447e-11, // from here on (t + exp(-t) - 1) / t² for |t| ≤ 1, from t¹² down
  -1.6309412649784643e-10,
  2.087479843099664e-9,
  -2.504897129972493e-8,
  2.755733098715279e-7,
  -2.755733806780384e-6,
  2.4801587267259408e-5,
  -0.00019841269786275093,
  0.001388888888893181,
  -0.0083333333334021,
  0.04166666666666651,
  -0.16666666666666421,
  0.5,
]);

/**
 * exp(x) as in `exponential`, with one constant for log 2 and one degree less: within 2⁻⁵¹·(1 + |x| / 16) or so. An error of it that is common to
 * all outcomes leaves the total as it is, and any other enters it as a share of itself.
 */
export function power(x: v128): v128 {
  const magic = v128.load64_splat(nearTable, 8);
  const k = f64x2.relaxed_madd(x, v128.load64_splat(nearTable), magic);
  const r = f64x2.relaxed_nmadd(f64x2.sub(k, magic), v128.load64_splat(nearTable, 16), x);
  let y = f64x2.relaxed_madd(r, v128.load64_splat(nearTable, 24), v128.load64_splat(nearTable, 32));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 40));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 48));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 56));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 64));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 72));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 80));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 88));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 96));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(nearTable, 104));
  return i64x2.add(y, i64x2.shl(k, 52));
}

/** (t + exp(-t) - 1) / t² for |t| ≤ 1. */
export function seriesOf(t: v128): v128 {
  let y = f64x2.relaxed_madd(t, v128.load64_splat(nearTable, 112), v128.load64_splat(nearTable, 120));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 128));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 136));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 144));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 152));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 160));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 168));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 176));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 184));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 192));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 200));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(nearTable, 208));
  return y;
}

const roughTable: usize = memory.data<f64>([
  1.4426950408889634, // 1 / log 2
  6755399441055744, // 1.5 · 2⁵²: added to a small number it leaves the nearest integer in the low bits
  0.6931471805599453, // log 2
  0.0013941213095479646, // from here on exp(r), from r⁶ down
  0.008375210200963434,
  0.04166635163852532,
  0.16666414507168348,
  0.5000000047401353,
  1.0000000379432992,
  1,
]);

/** exp(x) within 3e-9 of itself, for sums that are only compared with 1. */
export function roughPower(x: v128): v128 {
  const magic = v128.load64_splat(roughTable, 8);
  const k = f64x2.relaxed_madd(x, v128.load64_splat(roughTable), magic);
  const r = f64x2.relaxed_nmadd(f64x2.sub(k, magic), v128.load64_splat(roughTable, 16), x);
  let y = f64x2.relaxed_madd(r, v128.load64_splat(roughTable, 24), v128.load64_splat(roughTable, 32));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(roughTable, 40));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(roughTable, 48));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(roughTable, 56));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(roughTable, 64));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(roughTable, 72));
  return i64x2.add(y, i64x2.shl(k, 52));
}
