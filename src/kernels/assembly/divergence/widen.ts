/** The widest exponent of float16, of infinities and NaN. */
const specialHalf: i32 = 0x7c00;

/** Widens n float32 that end where n float64 from `at` on would end, into these. */
export function widenSingles(at: usize, n: i32): void {
  let from = at + (n << 2);
  const end = at + ((n & -4) << 3);
  // four are read before a place is written that they may stand in
  for (; at < end; at += 32, from += 16) {
    const singles = v128.load(from);
    v128.store(at, f64x2.promote_low_f32x4(singles));
    v128.store(at, f64x2.promote_low_f32x4(i32x4.shuffle(singles, singles, 2, 3, 2, 3)), 16);
  }
  for (let left = n & 3; left > 0; left--, at += 8, from += 4) store<f64>(at, <f64>load<f32>(from));
}

/** Widens n float16 that end where n float64 from `at` on would end, into these. */
export function widenHalves(at: usize, n: i32): void {
  let from = at + 6 * n;
  const end = at + ((n & -4) << 3);
  for (; at < end; at += 32, from += 8) {
    const singles = singlesOf(v128.load16x4_u(from));
    v128.store(at, f64x2.promote_low_f32x4(singles));
    v128.store(at, f64x2.promote_low_f32x4(i32x4.shuffle(singles, singles, 2, 3, 2, 3)), 16);
  }
  for (let left = n & 3; left > 0; left--, at += 8, from += 2)
    store<f64>(at, f64x2.extract_lane(f64x2.promote_low_f32x4(singlesOf(i32x4.splat(load<u16>(from)))), 0));
}

/** Four float16 as float32: their bits stand 13 places higher, on a scale of 2¹¹². */
function singlesOf(halves: v128): v128 {
  const bits = v128.and(halves, i32x4.splat(0x7fff));
  const scaled = f32x4.mul(i32x4.shl(bits, 13), f32x4.splat(<f32>(2.0 ** 112)));
  const isSpecial = i32x4.ge_u(bits, i32x4.splat(specialHalf));
  const special = v128.and(isSpecial, i32x4.splat(0x7f800000));
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  return v128.or(v128.or(scaled, special), sign);
}
