/**
 * The digits of a number, without a loop: how many they are is another for each number, and no branch foresees it. Digits that end at `end`
 * are read from there backwards. `places` of them stand behind the point, which the digits in front of it are moved over; where there is no
 * point, `places` is `mostDigits`. What lies in front of the first of the `digits` counts as zeros.
 */
export const mostDigits = 24;

/** From 8 + n on, 16 bytes of which the last n are set: a window that slides. */
const places16 = memory.data<u8>(
  [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  ],
  16,
);
/** A window like `places16`, of the four bits in which digits differ. */
const digits16 = memory.data<u8>(
  [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
    15, 15, 15, 15, 15, 15, 15, 15,
  ],
  16,
);

/** What digits are compared with and multiplied by, in each lane. From memory: V8 makes a constant anew for every number. */
const factors = memory.data<u16>(
  [
    0x4646, 0x4646, 0x4646, 0x4646, 0x4646, 0x4646, 0x4646, 0x4646, 0x7676, 0x7676, 0x7676, 0x7676, 0x7676, 0x7676, 0x7676, 0x7676, 0xa01,
    0xa01, 0xa01, 0xa01, 0xa01, 0xa01, 0xa01, 0xa01, 100, 1, 100, 1, 100, 1, 100, 1, 10000, 1, 10000, 1, 10000, 1, 10000, 1,
  ],
  16,
);

/** A bit for each of the 32 bytes from `at` on that is no digit. */
export function othersOf(at: usize): u32 {
  return <u32>othersOfSixteen(v128.load(at)) | ((<u32>othersOfSixteen(v128.load(at, 16))) << 16);
}

/** 9 becomes the largest of signed bytes, 0x7f, and 0 is 0x76, so that one comparison does. */
function othersOfSixteen(bytes: v128): i32 {
  return i8x16.bitmask(i8x16.lt_s(i8x16.add(bytes, v128.load(factors)), v128.load(factors, 16)));
}

/** The last sixteen digits: of two each, of four, of eight. */
export function lastSixteen(end: usize, places: i32, digits: i32): u64 {
  const bytes = v128.bitselect(v128.load(end - 16), v128.load(end - 17), v128.load(places16 + 8 + places));
  const ones = v128.and(bytes, v128.load(digits16 + 8 + digits));
  const twos = i16x8.shr_u(i16x8.mul(ones, v128.load(factors, 32)), 8);
  const fours = i32x4.dot_i16x8_s(twos, v128.load(factors, 48));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_u(fours, fours), v128.load(factors, 64));
  const both = <u64>i64x2.extract_lane(eights, 0);
  return (both & 0xffffffff) * 100000000 + (both >> 32);
}

/** The four digits before those. */
export function upTo20th(end: usize, places: i32, digits: i32): u32 {
  const mask = load<u32>(places16 + 4 + places);
  const ones = ((load<u32>(end - 20) & mask) | (load<u32>(end - 21) & ~mask)) & load<u32>(digits16 + 4 + digits);
  const twos = ((ones * (10 * 256 + 1)) >> 8) & 0x00ff00ff;
  return (twos * ((100 << 16) + 1)) >> 16;
}

/** The eight digits before those, as in Lemire 2021, doi:10.1002/spe.2984, section 4. */
export function upTo24th(end: usize, places: i32, digits: i32): u32 {
  const mask = load<u64>(places16 + places);
  const ones = ((load<u64>(end - 24) & mask) | (load<u64>(end - 25) & ~mask)) & load<u64>(digits16 + digits);
  const twos = ((ones * (10 * 256 + 1)) >> 8) & 0x00ff00ff00ff00ff;
  const fours = ((twos * ((100 << 16) + 1)) >> 16) & 0x0000ffff0000ffff;
  return <u32>((fours * ((10000 << 32) + 1)) >> 32);
}
