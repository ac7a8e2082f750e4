const table: usize = memory.data<f64>([
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
  const magic = v128.load64_splat(table, 8);
  const k = f64x2.relaxed_madd(x, v128.load64_splat(table), magic);
  const r = f64x2.relaxed_nmadd(f64x2.sub(k, magic), v128.load64_splat(table, 16), x);
  let y = f64x2.relaxed_madd(r, v128.load64_splat(table, 24), v128.load64_splat(table, 32));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 40));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 48));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 56));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 64));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 72));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 80));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 88));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 96));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 104));
  return i64x2.add(y, i64x2.shl(k, 52));
}

/** (t + exp(-t) - 1) / t² for |t| ≤ 1. */
export function seriesOf(t: v128): v128 {
  let y = f64x2.relaxed_madd(t, v128.load64_splat(table, 112), v128.load64_splat(table, 120));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 128));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 136));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 144));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 152));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 160));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 168));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 176));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 184));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 192));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 200));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 208));
  return y;
}
