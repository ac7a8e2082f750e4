import { lostIn } from './simd';

// a compensated sum of two lanes: the sum at its place, and behind it what rounding has taken from it

/** The bytes of a sum, and what they are aligned to. */
export const sumBytes: i32 = 32;
export const sumAlign: i32 = 16;

export function clearSum(at: usize): void {
  v128.store(at, f64x2.splat(0));
  v128.store(at, f64x2.splat(0), 16);
}

export function addTo(at: usize, more: v128): void {
  const before = v128.load(at);
  const sum = f64x2.add(before, more);
  v128.store(at, f64x2.add(v128.load(at, 16), lostIn(before, more, sum)), 16);
  v128.store(at, sum);
}

export function valueOf(at: usize): v128 {
  return f64x2.add(v128.load(at), v128.load(at, 16));
}
