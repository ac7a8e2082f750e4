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
  const unsigned = v128.load32_splat(halves);
  const scale = v128.load32_splat(halves, 4);
  const beyond = v128.load32_splat(halves, 8);
  const special = v128.load32_splat(halves, 12);
  const whole = v128.load32_splat(halves, 16);
  let from = at + 6 * n;
  const end = at + ((n & -4) << 3);
  for (; at < end; at += 32, from += 8) {
    const singles = singlesOf(v128.load16x4_s(from), unsigned, scale, beyond, special, whole);
    v128.store(at, f64x2.promote_low_f32x4(singles));
    v128.store(at, f64x2.promote_low_f32x4(i32x4.shuffle(singles, singles, 2, 3, 2, 3)), 16);
  }
  for (let left = n & 3; left > 0; left--, at += 8, from += 2) {
    const single = singlesOf(i32x4.splat(load<i16>(from)), unsigned, scale, beyond, special, whole);
    store<f64>(at, f64x2.extract_lane(f64x2.promote_low_f32x4(single), 0));
  }
}

// loaded before the loop, as the constants of exponentials are
const halves: usize = memory.data<u32>([
  0x8fffffff, // all but what the sign has been repeated in
  0x77800000, // 2¹¹²
  0x47800000, // 65536: what infinities and NaN of float16 become first, and more
  0x7f800000, // the exponent of infinities and NaN of float32
  0x7fffffff, // all but the sign
]);

/** Four float16, whose sign is repeated above them, as float32: their bits stand 13 places higher, on a scale of 2¹¹². */
function singlesOf(four: v128, unsigned: v128, scale: v128, beyond: v128, special: v128, whole: v128): v128 {
  const scaled = f32x4.mul(v128.and(i32x4.shl(four, 13), unsigned), scale);
  const isSpecial = f32x4.ge(v128.and(scaled, whole), beyond);
  return v128.or(scaled, v128.and(isSpecial, special));
}

/** Widens n bfloat16, the upper halves of float32, that end where n float64 from `at` on would end, into these. */
export function widenUpperHalves(at: usize, n: i32): void {
  let from = at + 6 * n;
  const end = at + ((n & -4) << 3);
  for (; at < end; at += 32, from += 8) {
    const singles = i32x4.shl(v128.load16x4_u(from), 16);
    v128.store(at, f64x2.promote_low_f32x4(singles));
    v128.store(at, f64x2.promote_low_f32x4(i32x4.shuffle(singles, singles, 2, 3, 2, 3)), 16);
  }
  for (let left = n & 3; left > 0; left--, at += 8, from += 2) store<f64>(at, <f64>reinterpret<f32>((<u32>load<u16>(from)) << 16));
}
