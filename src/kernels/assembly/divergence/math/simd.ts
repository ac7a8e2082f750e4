/** The sum of both lanes. */
export function sumOf(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** The sum of the lanes of x, and that of the lanes of y. */
export function sumsOf(x: v128, y: v128): v128 {
  return f64x2.add(i64x2.shuffle(x, y, 0, 2), i64x2.shuffle(x, y, 1, 3));
}

/** What rounding takes from the sum x + y. Knuth's TwoSum: The Art of Computer Programming 2, section 4.2.2, theorem B */
export function lostIn(x: v128, y: v128, sum: v128): v128 {
  const ofY = f64x2.sub(sum, x);
  return f64x2.add(f64x2.sub(x, f64x2.sub(sum, ofY)), f64x2.sub(y, ofY));
}

/** What rounding takes from the product x·y. Dekker's product, with Veltkamp's splitting: doi:10.1007/BF01397083 */
export function lostInProduct(x: v128, y: v128, product: v128): v128 {
  const upperX = upperHalf(x);
  const upperY = upperHalf(y);
  const lowerX = f64x2.sub(x, upperX);
  const lowerY = f64x2.sub(y, upperY);
  const ofUpper = f64x2.sub(product, f64x2.mul(upperX, upperY));
  const rest = f64x2.sub(f64x2.sub(ofUpper, f64x2.mul(lowerX, upperY)), f64x2.mul(upperX, lowerY));
  return f64x2.sub(f64x2.mul(lowerX, lowerY), rest);
}

function upperHalf(x: v128): v128 {
  const shifted = f64x2.mul(x, f64x2.splat(134217729));
  return f64x2.sub(shifted, f64x2.sub(shifted, x));
}

export function largestOf(x: v128): f64 {
  return f64x2.extract_lane(f64x2.relaxed_max(x, i64x2.shuffle(x, x, 1, 0)), 0);
}

export function smallestOf(x: v128): f64 {
  return f64x2.extract_lane(f64x2.relaxed_min(x, i64x2.shuffle(x, x, 1, 0)), 0);
}

/** One number twice, where a row of odd length has no pair left. */
export function lastOf(at: usize): v128 {
  return v128.load64_splat(at);
}

/** x with its second lane 0, so that the number which stands there twice is added once. */
export function once(x: v128): v128 {
  return v128.and(x, i64x2(-1, 0));
}

/** Bytes of numbers that are added one by one: equal numbers are all rounded the same way, which would show in longer sums. */
export const run: usize = 256;

/** Divides the n numbers that stand at `at`. */
export function divide(at: usize, n: i32, by: f64): void {
  const end = at + ((n & -2) << 3);
  for (; at < end; at += 16) v128.store(at, f64x2.div(v128.load(at), f64x2.splat(by)));
  if (n & 1) store<f64>(end, load<f64>(end) / by);
}

// Polynomials are summed by Estrin's scheme, whose steps wait less for each other than Horner's. Muller, Elementary Functions, section 2.7

/** c₁·x + c₀, of which c₁ stands at `at` and c₀ behind it. */
export function linear(x: v128, at: usize): v128 {
  return f64x2.relaxed_madd(x, v128.load64_splat(at), v128.load64_splat(at + 8));
}
