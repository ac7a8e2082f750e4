import { formCount, jeffreys, jensenShannon, reverseKl, totalVariation } from '../family';
import { block, forms, pairs, parameters, powersP, powersQ } from '../layout';
import { storeExponentials } from '../math/exponential';
import { entropyOf } from '../math/logarithm';
import { largestOf, sumOf } from '../math/simd';
import { keptOfNear, meanMassOfNear, reverseOfNear, stepOfNear } from './near-logits';

const table: usize = memory.data<f64>([
  // E(d) / d⁶ - 1 / (8·d⁴), E as in `mixtureOfBlock`, for |d| ≤ 1: from d¹² down, least squares, weighted by d⁴
  8.129992075997967e-12, -1.3796954838871537e-10, 1.852814849136766e-9, -2.5069872846813636e-8, 3.5765232223129207e-7,
  -5.425347104861185e-6, 0.00010850694443763667, 0.125,
]);

/** Up to this |d| the polynomial holds. */
const nearby: f64 = 1;

/** Whether all forms that are asked for follow from one look at nearly equal logits, and from what it keeps. */
export function areNearForms(): bool {
  for (let place = 0; place < formCount; place++) {
    const form = load<i32>(forms + (place << 2));
    if (form > jensenShannon || form === totalVariation) return false;
    if (form === jensenShannon && load<f64>(parameters + (place << 3)) !== 0.5) return false;
  }
  return true;
}

/** Whether one of the forms needs what is kept of a row. */
export function needKept(): bool {
  for (let place = 0; place < formCount; place++) if (load<i32>(forms + (place << 2)) === jensenShannon) return true;
  return false;
}

/**
 * Writes the sum of each form of a row to the places from `at` on, after the total, and returns whether all of them have their digits: not
 * where one needs what is kept, and the row was too long for that.
 */
export function endNearForms(total: f64, at: usize): bool {
  const reverse = reverseOfNear();
  let mixture = NaN;
  let areExact = true;
  for (let place = 0; place < formCount; place++) {
    const form = load<i32>(forms + (place << 2));
    let sum = total;
    if (form === reverseKl) sum = reverse;
    else if (form === jeffreys) sum = total + reverse;
    else if (form === jensenShannon) {
      if (isNaN(mixture) && !isNaN(reverse)) mixture = mixtureOfNear(keptOfNear());
      sum = mixture;
    }
    store<f64>(at + (place << 3), sum);
    areExact = areExact && !isNaN(sum);
  }
  return areExact;
}

/** Jensen-Shannon, from what is kept of a row of n: Σ √(p·q)·E(d), where E is even and nearly d² / 8. NaN where nothing is kept. */
function mixtureOfNear(n: i32): f64 {
  if (n === 0) return NaN;
  let sum: f64 = 0;
  let at: usize = 0;
  for (let left = n; left > 0; left -= block, at += block << 3) sum += mixtureOfBlock(powersP + at, powersQ + at, min(left, block));
  return sum / meanMassOfNear();
}

/** The sum of g·E(d), E(d) = d / 2·sinh(d / 2) - cosh(d / 2)·log cosh(d / 2), whose series has no power d⁴. */
function mixtureOfBlock(g: usize, t: usize, n: i32): f64 {
  const step = f64x2.splat(stepOfNear);
  const c6 = v128.load64_splat(table);
  const c5 = v128.load64_splat(table, 8);
  const c4 = v128.load64_splat(table, 16);
  const c3 = v128.load64_splat(table, 24);
  const c2 = v128.load64_splat(table, 32);
  const c1 = v128.load64_splat(table, 40);
  const c0 = v128.load64_splat(table, 48);
  const eighth = v128.load64_splat(table, 56);
  let sum = f64x2.splat(0);
  let wide = f64x2.splat(0);
  const end = g + (n << 3);
  for (let at = g, from = t; at < end; at += 16, from += 16) {
    const d = f64x2.add(v128.load(from), step);
    const square = f64x2.mul(d, d);
    wide = f64x2.relaxed_max(square, wide);
    const high = f64x2.relaxed_madd(f64x2.relaxed_madd(f64x2.relaxed_madd(c6, square, c5), square, c4), square, c3);
    const low = f64x2.relaxed_madd(f64x2.relaxed_madd(f64x2.relaxed_madd(high, square, c2), square, c1), square, c0);
    const series = f64x2.relaxed_madd(low, f64x2.mul(square, square), eighth);
    sum = f64x2.relaxed_madd(f64x2.mul(v128.load(at), square), series, sum);
  }
  return largestOf(wide) > nearby * nearby ? wideMixture(g, t, n) : sumOf(sum);
}

/** The sum of g·E(d) of a block where some |d| is larger than `nearby`. */
function wideMixture(g: usize, t: usize, n: i32): f64 {
  let sum = f64x2.splat(0);
  const end = g + (n << 3);
  for (; g < end; g += 16, t += 16) sum = f64x2.relaxed_madd(v128.load(g), wideTerm(v128.load(t)), sum);
  return sumOf(sum);
}

const scratch: usize = pairs;

/** E(d) with u = d / 2 and c = cosh u - 1: u·sinh u - c - H(c), H as in `entropyOf`, of which no more than half cancels. */
function wideTerm(t: v128): v128 {
  const half = f64x2.splat(0.5);
  const u = f64x2.mul(half, f64x2.add(t, f64x2.splat(stepOfNear)));
  storeExponentials(u, scratch, scratch + 16, scratch + 32);
  const ratio = v128.load(scratch);
  const excess = v128.load(scratch, 16);
  // of exp(-u) and exp(-u) - 1: sinh u and cosh u - 1 without cancellation
  const scaled = f64x2.mul(excess, f64x2.div(half, ratio));
  const sine = f64x2.neg(f64x2.mul(scaled, f64x2.add(f64x2.splat(1), ratio)));
  const c = f64x2.mul(scaled, excess);
  return f64x2.sub(f64x2.sub(f64x2.mul(u, sine), c), entropyOf(c));
}
