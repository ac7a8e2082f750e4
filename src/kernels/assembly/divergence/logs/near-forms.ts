import { formCount, jeffreys, jensenShannon, reverseKl, totalVariation } from '../family';
import { block, forms, pairs, parameters, powersP, powersQ } from '../layout';
import { storeExponentials } from '../math/exponential';
import { entropyOf } from '../math/logarithm';
import { largestOf, lastOf, once, sumOf } from '../math/simd';
import { keptOfNear, massOfNear, reverseOfNear, stepOfNear } from './near-logits';

const table: usize = memory.data<f64>([
  // what Jensen-Shannon takes of p, divided by p·d², for |d| ≤ 3/4: from d¹⁵ down, interpolated at Chebyshev nodes
  3.260834941164639e-11, 2.6306620871489057e-11, -4.862225560723107e-10, -4.4809210436191367e-10, 6.325621398404208e-9, 7.89218346393988e-9,
  -9.472759421530878e-8, -2.5834505797301274e-8, 2.583497694364019e-7, 1.0850694375942573e-5, -8.68055555486695e-5, 0.0004340277777825791,
  -0.002604166666666851, 0.015624999999999872, -0.0625, 0.125,
]);

/** Up to this |d| the polynomial holds. */
const nearby: f64 = 0.75;

/** Whether all forms that are asked for follow from one look at nearly equal logits, and from what it keeps. */
export function areNearForms(): bool {
  for (let place = 0; place < formCount; place++) {
    const form = load<i32>(forms + (place << 2));
    if (form > jensenShannon || form === totalVariation) return false;
    if (form === jensenShannon && load<f64>(parameters + (place << 3)) !== 0.5) return false;
  }
  return true;
}

/**
 * Writes the sum of each form of a row to the places from `at` on, after the total, and returns whether all of them have their digits: not
 * where the row was too long to be kept.
 */
export function endNearForms(total: f64, at: usize): bool {
  const n = keptOfNear();
  const reverse = reverseOfNear();
  let mixture = NaN;
  for (let place = 0; place < formCount; place++) {
    const form = load<i32>(forms + (place << 2));
    let sum = total;
    if (form === reverseKl) sum = reverse;
    else if (form === jeffreys) sum = total + reverse;
    else if (form === jensenShannon) {
      if (isNaN(mixture)) mixture = mixtureOfNear(n);
      sum = mixture;
    }
    store<f64>(at + (place << 3), sum);
  }
  return n > 0 && !isNaN(reverse);
}

/** Jensen-Shannon, from the exponentials and steps of a row of n. */
function mixtureOfNear(n: i32): f64 {
  let sum: f64 = 0;
  let at: usize = 0;
  for (let left = n; left > 0; left -= block, at += block << 3) sum += mixtureOfBlock(powersP + at, powersQ + at, min(left, block));
  return sum / massOfNear;
}

function mixtureOfBlock(e: usize, t: usize, n: i32): f64 {
  const step = f64x2.splat(stepOfNear);
  let sum = f64x2.splat(0);
  let wide = f64x2.splat(0);
  const end = e + ((n & -2) << 3);
  let from = t;
  for (let at = e; at < end; at += 16, from += 16) {
    const d = f64x2.add(v128.load(from), step);
    const square = f64x2.mul(d, d);
    wide = f64x2.relaxed_max(square, wide);
    sum = f64x2.relaxed_madd(f64x2.mul(v128.load(at), square), seriesOf(d, square), sum);
  }
  if (n & 1) {
    const d = f64x2.add(lastOf(from), step);
    const square = f64x2.mul(d, d);
    wide = f64x2.relaxed_max(square, wide);
    sum = f64x2.relaxed_madd(f64x2.mul(once(lastOf(end)), square), seriesOf(d, square), sum);
  }
  return largestOf(wide) > nearby * nearby ? wideMixture(e, t, n) : sumOf(sum);
}

/** The powers of d that are odd apart from those that are even: two chains take less time than one. */
function seriesOf(d: v128, square: v128): v128 {
  let odd = f64x2.relaxed_madd(square, v128.load64_splat(table), v128.load64_splat(table, 16));
  let even = f64x2.relaxed_madd(square, v128.load64_splat(table, 8), v128.load64_splat(table, 24));
  odd = f64x2.relaxed_madd(odd, square, v128.load64_splat(table, 32));
  even = f64x2.relaxed_madd(even, square, v128.load64_splat(table, 40));
  odd = f64x2.relaxed_madd(odd, square, v128.load64_splat(table, 48));
  even = f64x2.relaxed_madd(even, square, v128.load64_splat(table, 56));
  odd = f64x2.relaxed_madd(odd, square, v128.load64_splat(table, 64));
  even = f64x2.relaxed_madd(even, square, v128.load64_splat(table, 72));
  odd = f64x2.relaxed_madd(odd, square, v128.load64_splat(table, 80));
  even = f64x2.relaxed_madd(even, square, v128.load64_splat(table, 88));
  odd = f64x2.relaxed_madd(odd, square, v128.load64_splat(table, 96));
  even = f64x2.relaxed_madd(even, square, v128.load64_splat(table, 104));
  odd = f64x2.relaxed_madd(odd, square, v128.load64_splat(table, 112));
  even = f64x2.relaxed_madd(even, square, v128.load64_splat(table, 120));
  return f64x2.relaxed_madd(odd, d, even);
}

/** The same of a block where some d is larger. */
function wideMixture(e: usize, t: usize, n: i32): f64 {
  let sum = f64x2.splat(0);
  const end = e + ((n & -2) << 3);
  for (; e < end; e += 16, t += 16) sum = f64x2.relaxed_madd(v128.load(e), wideTerm(v128.load(t)), sum);
  if (n & 1) sum = f64x2.relaxed_madd(once(lastOf(e)), wideTerm(lastOf(t)), sum);
  return sumOf(sum);
}

const scratch: usize = pairs;
const half = 0.5;

/** (-exp(-d)·d - exp(-d) + 1) / 2 - H((exp(-d) - 1) / 2), H as in `entropyOf`: what Jensen-Shannon takes of p, divided by p. */
function wideTerm(t: v128): v128 {
  const d = f64x2.add(t, f64x2.splat(stepOfNear));
  storeExponentials(d, scratch, scratch + 16, scratch + 32);
  const excess = v128.load(scratch, 16);
  const reverse = f64x2.neg(f64x2.relaxed_madd(excess, d, v128.load(scratch, 32)));
  return f64x2.sub(f64x2.mul(f64x2.splat(half), reverse), entropyOf(f64x2.mul(f64x2.splat(half), excess)));
}
