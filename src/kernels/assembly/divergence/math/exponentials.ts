import { exponential, exponentialTable } from './exponential';
import { powerOfStored, powerOfTwo } from './roots';
import { lastOf, once, sumOf } from './simd';

// Exponentials of n numbers, and 0 behind an odd number of them. Each loop loads its constants once, and the exact ones have no room for
// sums beside them. Polynomials go by Horner's scheme: so many outcomes are under way that its chains cost nothing, and it takes fewer
// steps than Estrin's.

/** Where log 2 / 256 stands. */
export const logOf2Part: usize = memory.data<f64>([0.0027076061740622863]);

const roughTable: usize = memory.data<f64>([
  0.5000000699994023, // (exp(r) - 1) / r, roughly
  1.000000229097754,
]);

/** Writes exp(x - shift) of n numbers, as `exponential` has it. */
export function exponentials(from: usize, to: usize, n: i32, shift: f64): void {
  const less = f64x2.splat(shift);
  const factor = v128.load64_splat(exponentialTable);
  const magic = v128.load64_splat(exponentialTable, 8);
  const part = v128.load64_splat(exponentialTable, 16);
  const rest = v128.load64_splat(exponentialTable, 24);
  const c3 = v128.load64_splat(exponentialTable, 32);
  const c2 = v128.load64_splat(exponentialTable, 40);
  const c1 = v128.load64_splat(exponentialTable, 48);
  const c0 = v128.load64_splat(exponentialTable, 56);
  const end = to + (n << 3);
  for (; to < end; from += 16, to += 16) {
    const x = f64x2.sub(v128.load(from), less);
    const t = f64x2.relaxed_madd(x, factor, magic);
    v128.store(to, t);
    const k = f64x2.sub(t, magic);
    const r = f64x2.relaxed_nmadd(k, rest, f64x2.relaxed_nmadd(k, part, x));
    const scale = powerOfStored(t, to);
    const y = f64x2.relaxed_madd(f64x2.relaxed_madd(f64x2.relaxed_madd(c3, r, c2), r, c1), r, c0);
    v128.store(to, f64x2.relaxed_madd(f64x2.mul(scale, r), y, scale));
  }
  if (n & 1) store<f64>(end, 0);
}

/**
 * Writes exp(x - shift) for n numbers, as `exponentials` does, for x - shift in [-690, 700], within 2⁻⁵¹·(1 + |x| / 16) or so:
 * x = k·log 2 / 256 + r, exp(x) = 2^(k / 256)·exp(r). An error of it that is common to all outcomes of both sides leaves the total as
 * it is, and any other enters it as a share of itself.
 */
export function powers(from: usize, to: usize, n: i32, shift: f64): void {
  const less = f64x2.splat(shift);
  const factor = v128.load64_splat(exponentialTable);
  const magic = v128.load64_splat(exponentialTable, 8);
  const part = v128.load64_splat(logOf2Part);
  const c3 = v128.load64_splat(exponentialTable, 32);
  const c2 = v128.load64_splat(exponentialTable, 40);
  const c1 = v128.load64_splat(exponentialTable, 48);
  const c0 = v128.load64_splat(exponentialTable, 56);
  const end = to + (n << 3);
  for (; to < end; from += 16, to += 16) {
    const x = f64x2.sub(v128.load(from), less);
    const t = f64x2.relaxed_madd(x, factor, magic);
    v128.store(to, t);
    const r = f64x2.relaxed_nmadd(f64x2.sub(t, magic), part, x);
    const scale = powerOfStored(t, to);
    const y = f64x2.relaxed_madd(f64x2.relaxed_madd(f64x2.relaxed_madd(c3, r, c2), r, c1), r, c0);
    v128.store(to, f64x2.relaxed_madd(f64x2.mul(scale, r), y, scale));
  }
  if (n & 1) store<f64>(end, 0);
}

/** Writes exp(x - shift) as `powers` does, but within 2e-10 of it: for sums that are only compared with 1. */
export function roughPowers(from: usize, to: usize, n: i32, shift: f64): void {
  const less = f64x2.splat(shift);
  const factor = v128.load64_splat(exponentialTable);
  const magic = v128.load64_splat(exponentialTable, 8);
  const part = v128.load64_splat(logOf2Part);
  const c1 = v128.load64_splat(roughTable);
  const c0 = v128.load64_splat(roughTable, 8);
  const end = to + (n << 3);
  for (; to < end; from += 16, to += 16) {
    const x = f64x2.sub(v128.load(from), less);
    const t = f64x2.relaxed_madd(x, factor, magic);
    v128.store(to, t);
    const r = f64x2.relaxed_nmadd(f64x2.sub(t, magic), part, x);
    const scale = powerOfStored(t, to);
    v128.store(to, f64x2.relaxed_madd(f64x2.mul(scale, r), f64x2.relaxed_madd(r, c1, c0), scale));
  }
  if (n & 1) store<f64>(end, 0);
}

/** Σ exp(x) of n numbers, as rough. */
export function sumOfRoughPowers(from: usize, n: i32): f64 {
  const factor = v128.load64_splat(exponentialTable);
  const magic = v128.load64_splat(exponentialTable, 8);
  const part = v128.load64_splat(logOf2Part);
  const c1 = v128.load64_splat(roughTable);
  const c0 = v128.load64_splat(roughTable, 8);
  let sum = f64x2.splat(0);
  const end = from + ((n & -2) << 3);
  for (; from < end; from += 16) {
    const x = v128.load(from);
    const t = f64x2.relaxed_madd(x, factor, magic);
    const r = f64x2.relaxed_nmadd(f64x2.sub(t, magic), part, x);
    const scale = powerOfTwo(t);
    sum = f64x2.add(sum, f64x2.relaxed_madd(f64x2.mul(scale, r), f64x2.relaxed_madd(r, c1, c0), scale));
  }
  return sumOf(n & 1 ? f64x2.add(sum, once(exponential(lastOf(end)))) : sum);
}
