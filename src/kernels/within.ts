/** Whether n numbers lie between two bounds; NaN lies nowhere. */
export function areWithin(at: usize, n: i32, lowest: f64, highest: f64): bool {
  const low = f64x2.splat(lowest);
  const high = f64x2.splat(highest);
  let all = i64x2.splat(-1);
  const end = at + ((n & -2) << 3);
  for (; at < end; at += 16) {
    const x = v128.load(at);
    all = v128.and(all, v128.and(f64x2.ge(x, low), f64x2.le(x, high)));
  }
  if (n & 1) {
    const x = load<f64>(at);
    if (!(x >= lowest && x <= highest)) return false;
  }
  return i64x2.all_true(all);
}
