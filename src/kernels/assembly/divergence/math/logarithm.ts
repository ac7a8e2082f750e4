import { linear } from './simd';

const table: usize = memory.data<f64>([
  0.13629110721861268, // from here on 2·artanh(s) = 2s + s³·(…), from s¹⁷ down
  0.13207080082069364,
  0.1538900212516573,
  0.18181734246400322,
  0.2222222309164114,
  0.2857142856701462,
  0.40000000000008523,
  0.6666666666666666,
  0.6931471805592082, // log 2 to 40 bits
  7.371002565167799e-13, // the rest of log 2
  4503599627372544, // 2⁵² + 2048
]);

const bits: usize = memory.data<u64>([
  0x0008000000000000, // half a step of the exponent
  0xfff0000000000000, // sign and exponent
  0x8000000000000000,
  0x4330000000000000, // 2⁵², in whose low bits an integer is a float
]);

/**
 * log(p / q) of both lanes, for normal p and q, within two units in the last place; no quotient is formed that could over- or
 * underflow or lose the digits of p - q. With k so that m = p·2⁻ᵏ lies in [q / 1.51, 1.51·q]:
 * log(p / q) = k·log 2 + 2·artanh((m - q) / (m + q)), and m - q is exact.
 * Muller, Elementary Functions, chapter 11: doi:10.1007/978-1-4899-7983-4
 */
export function logRatio(p: v128, q: v128): v128 {
  return logRatioTo(p, q, f64x2.splat(0));
}

/** log(p / (q + rest)) of both lanes, as `logRatio` has it; the rest is less than a unit in the last place of q. */
export function logRatioTo(p: v128, q: v128, rest: v128): v128 {
  const nearest = i64x2.add(i64x2.sub(p, q), v128.load64_splat(bits));
  const exponent = v128.and(nearest, v128.load64_splat(bits, 8));
  const m = i64x2.sub(p, exponent);
  // a bias of 2048 makes the exponent unsigned
  const biased = i64x2.shr_u(v128.xor(exponent, v128.load64_splat(bits, 16)), 52);
  const k = f64x2.sub(v128.or(biased, v128.load64_splat(bits, 24)), v128.load64_splat(table, 80));

  const s = f64x2.div(f64x2.sub(f64x2.sub(m, q), rest), f64x2.add(m, q));
  const z = f64x2.mul(s, s);
  const small = f64x2.relaxed_madd(f64x2.mul(s, z), seriesOf(z), f64x2.mul(k, v128.load64_splat(table, 72)));
  return f64x2.relaxed_madd(k, v128.load64_splat(table, 64), f64x2.add(f64x2.add(s, s), small));
}

/**
 * (1 + x)·log(1 + x) - x of both lanes, for finite x ≥ -1/2, which is ≥ 0 and keeps its digits near 0: with s = x / (2 + x) and
 * log(1 + x) = 2s + s³·y it is s·x·(1 + s·(1 + s)·y / 2).
 */
export function entropyOf(x: v128): v128 {
  const one = f64x2.splat(1);
  const s = f64x2.div(x, f64x2.add(x, f64x2.splat(2)));
  const z = f64x2.mul(s, s);
  const half = f64x2.mul(f64x2.splat(0.5), seriesOf(z));
  const near = f64x2.mul(f64x2.mul(s, x), f64x2.relaxed_madd(f64x2.add(s, z), half, one));
  const isNear = f64x2.lt(f64x2.abs(x), f64x2.splat(1 / 3));
  if (i64x2.all_true(isNear)) return near;
  const t = f64x2.add(x, one);
  const far = f64x2.sub(f64x2.mul(t, logRatio(t, one)), x);
  return v128.bitselect(near, far, isNear);
}

/** (2·artanh(s) - 2s) / s³ for z = s² and |s| ≤ 0.2033. */
function seriesOf(z: v128): v128 {
  const z2 = f64x2.mul(z, z);
  const low = f64x2.relaxed_madd(linear(z, table + 32), z2, linear(z, table + 48));
  const high = f64x2.relaxed_madd(linear(z, table), z2, linear(z, table + 16));
  return f64x2.relaxed_madd(high, f64x2.mul(z2, z2), low);
}

/** log(p / q) of two numbers. */
export function logRatioOf(p: f64, q: f64): f64 {
  return f64x2.extract_lane(logRatio(f64x2.splat(p), f64x2.splat(q)), 0);
}
