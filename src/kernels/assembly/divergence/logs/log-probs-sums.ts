import { computedP } from '../layout';
import { exponential, exponentialTable } from '../math/exponential';
import { logOf2Part, sumOfRoughPowers } from '../math/exponentials';
import { powerOfStored } from '../math/roots';
import { largestOf, lastOf, once, run, sumOf, sumsOf } from '../math/simd';

// the sums of a block of log-probabilities, x of P and y of Q

/** Σ exp(x) and Σ exp(x)·(x - y) */
export let blockSums: v128 = f64x2.splat(0);
/** Σ x², which is no less than the largest. */
export let blockSquares: f64 = 0;
/** Σ exp(y), which may be off by 5e-7 of itself. */
export let blockMassOfQ: f64 = 0;
/** Whether every y was in the range in which this holds. */
export let isMassOfQ: bool = false;

/** Takes the sums of n outcomes for x in [-690, 690], with the exponentials of `powers`. */
export function sumP(p: usize, q: usize, n: i32): void {
  const factor = v128.load64_splat(exponentialTable);
  const magic = v128.load64_splat(exponentialTable, 8);
  const part = v128.load64_splat(logOf2Part);
  const c3 = v128.load64_splat(exponentialTable, 32);
  const c2 = v128.load64_splat(exponentialTable, 40);
  const c1 = v128.load64_splat(exponentialTable, 48);
  const c0 = v128.load64_splat(exponentialTable, 56);
  let sum = f64x2.splat(0);
  let products = f64x2.splat(0);
  let squares = f64x2.splat(0);
  for (const end = p + ((n & -2) << 3); p < end; p += 16, q += 16) {
    const x = v128.load(p);
    const t = f64x2.relaxed_madd(x, factor, magic);
    v128.store(computedP, t);
    const r = f64x2.relaxed_nmadd(f64x2.sub(t, magic), part, x);
    const scale = powerOfStored(t, computedP);
    const series = f64x2.relaxed_madd(f64x2.relaxed_madd(f64x2.relaxed_madd(c3, r, c2), r, c1), r, c0);
    const mass = f64x2.relaxed_madd(f64x2.mul(scale, r), series, scale);
    sum = f64x2.add(sum, mass);
    products = f64x2.relaxed_madd(mass, f64x2.sub(x, v128.load(q)), products);
    squares = f64x2.relaxed_madd(x, x, squares);
  }
  if (n & 1) {
    const x = lastOf(p);
    const mass = once(exponential(x));
    sum = f64x2.add(sum, mass);
    products = f64x2.relaxed_madd(mass, f64x2.sub(x, lastOf(q)), products);
    squares = f64x2.relaxed_madd(x, x, squares);
  }
  blockSums = sumsOf(sum, products);
  blockSquares = sumOf(squares);
}

const table: usize = memory.data<f64>([
  12102203.161561485, // 2²³ / log 2
  6755399441055744 + 1065353216, // 1.5 · 2⁵², which leaves an integer in the low bits, and 127 · 2²³, the bits of the float32 1
]);

const singles: usize = memory.data<f32>([
  0.0018775766948238015, // 2^(m - 1) for m in [1, 2], from m⁵ down: least relative error
  -0.000398543052142486,
  0.03864472359418869,
  0.10783493518829346,
  0.35375532507896423,
  0.4982859194278717,
]);

const bits: usize = memory.data<u32>([
  0x007fffff, // the mantissa of a float32
  0x3f800000, // 1
]);

/** Beyond it y / log 2, in steps of 2⁻²³, has more than 32 bits. */
const widest: f64 = 264;

/**
 * Takes Σ exp(y) of n outcomes in float32, four at a time: y / log 2 is an integer of 2⁻²³, whose bits are those of a float32 2ᵏ·m, and
 * exp(y) is 2ᵏ·2^(m - 1). It is off by 1.8e-7 for the polynomial, 4e-8 for the integer, and 2.7e-7 for the sum of eight at most.
 */
export function sumQ(q: usize, n: i32): void {
  const factor = v128.load64_splat(table);
  const magic = v128.load64_splat(table, 8);
  const c5 = v128.load32_splat(singles);
  const c4 = v128.load32_splat(singles, 4);
  const c3 = v128.load32_splat(singles, 8);
  const c2 = v128.load32_splat(singles, 12);
  const c1 = v128.load32_splat(singles, 16);
  const c0 = v128.load32_splat(singles, 20);
  const mantissa = v128.load32_splat(bits);
  const one = v128.load32_splat(bits, 4);
  let sum = f64x2.splat(0);
  let squares = f64x2.splat(0);
  let otherSquares = f64x2.splat(0);
  let signs = i32x4.splat(0);
  const end = q + ((n & -4) << 3);
  while (q < end) {
    const stop = min(q + run, end);
    let part = f32x4.splat(0);
    for (; q < stop; q += 32) {
      const y = v128.load(q);
      const next = v128.load(q, 16);
      squares = f64x2.relaxed_madd(y, y, squares);
      otherSquares = f64x2.relaxed_madd(next, next, otherSquares);
      const even = f64x2.relaxed_madd(y, factor, magic);
      const integers = i32x4.shuffle(even, f64x2.relaxed_madd(next, factor, magic), 0, 2, 4, 6);
      // below 2⁻¹²⁷ and above 2¹²⁸
      signs = v128.or(signs, integers);
      const m = v128.or(v128.and(integers, mantissa), one);
      const high = f32x4.relaxed_madd(f32x4.relaxed_madd(c5, m, c4), m, c3);
      const series = f32x4.relaxed_madd(f32x4.relaxed_madd(f32x4.relaxed_madd(high, m, c2), m, c1), m, c0);
      part = f32x4.relaxed_madd(v128.andnot(integers, mantissa), series, part);
    }
    const upper = i32x4.shuffle(part, part, 2, 3, 2, 3);
    sum = f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(part), f64x2.promote_low_f32x4(upper)));
  }
  let largest = largestOf(f64x2.relaxed_max(squares, otherSquares));
  for (let at = end; at < end + ((n & 3) << 3); at += 8) largest = max(largest, load<f64>(at) * load<f64>(at));
  blockMassOfQ = sumOf(sum) + sumOfRoughPowers(end, n & 3);
  isMassOfQ = i32x4.bitmask(signs) === 0 && largest <= widest * widest;
}
