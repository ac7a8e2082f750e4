import { forms, pairBytes, pairs, parameters, sums } from './layout';
import { storeExponentials } from './math/exponential';
import { entropyOf } from './math/logarithm';
import { largestOf, sumOf } from './math/simd';

// the forms, in the order of `src/core/kernel.ts`; the sums of the first four are always taken
const kl: i32 = 0;
export const reverseKl: i32 = 1;
export const jeffreys: i32 = 2;
export const totalVariation: i32 = 3;
export const jensenShannon: i32 = 4;
const renyi: i32 = 5;
const hellinger: i32 = 6;

/** How many forms are asked for; 0 where D(P ‖ Q) alone is wanted. */
export let formCount: i32 = 0;

let forward: f64 = 0;
let reverse: f64 = 0;
/** Σ q - Σ p, outcome by outcome, and Σ |q - p| */
let drift: f64 = 0;
let variation: f64 = 0;
/** The largest power of an exponential, whatever the sign. */
let furthest: f64 = 0;

export function beginFamily(): void {
  forward = reverse = drift = variation = furthest = 0;
  for (let place = 0; place < formCount; place++) store<f64>(sums + (place << 3), 0);
}

/** Asks for the first `count` forms of the list. */
export function ask(count: i32): void {
  formCount = count;
}

/** Adds what the outcomes from `pairs` to `end` give to each form; where both masses are 1, no summand is below 0 but for drift. */
export function addPairs(end: usize): void {
  let toForward = f64x2.splat(0);
  let toReverse = f64x2.splat(0);
  let toDrift = f64x2.splat(0);
  let toVariation = f64x2.splat(0);
  for (let at = pairs; at < end; at += pairBytes) {
    const p = v128.load(at);
    const phi = v128.load(at, 64);
    const change = f64x2.mul(p, v128.load(at, 48));
    toForward = f64x2.relaxed_madd(p, phi, toForward);
    toReverse = f64x2.relaxed_madd(p, reverseOf(at), toReverse);
    toDrift = f64x2.add(toDrift, change);
    toVariation = f64x2.add(toVariation, f64x2.abs(change));
  }
  forward += sumOf(toForward);
  reverse += sumOf(toReverse);
  drift += sumOf(toDrift);
  variation += sumOf(toVariation);
  for (let place = 0; place < formCount; place++) {
    const form = load<i32>(forms + (place << 2));
    if (form < jensenShannon) continue;
    const sum = sums + (place << 3);
    store<f64>(sum, load<f64>(sum) + sumOfForm(form, load<f64>(parameters + (place << 3)), end));
  }
}

/** What q·(-d + exp(d) - 1) is for each p: -(exp(-d)·d + exp(-d) - 1) */
function reverseOf(at: usize): v128 {
  return f64x2.neg(f64x2.relaxed_madd(v128.load(at, 48), v128.load(at, 32), v128.load(at, 64)));
}

function sumOfForm(form: i32, parameter: f64, end: usize): f64 {
  let sum = f64x2.splat(0);
  for (let at = pairs; at < end; at += pairBytes) {
    let each: v128;
    if (form === jensenShannon) each = parameter < 0.5 ? jensenShannonOfQ(at, parameter) : jensenShannonOfP(at, 1 - parameter);
    else if (form === renyi) each = parameter < 0.5 ? renyiOfQ(at, parameter) : renyiOfP(at, parameter - 1);
    else if (form === hellinger) each = hellingerOf(at);
    else each = chiSquaredOf(at);
    sum = f64x2.relaxed_madd(v128.load(at), each, sum);
  }
  return sumOf(sum);
}

// With H(x) = (1 + x)·log(1 + x) - x and the mixture m = p·(1 + x) of weight w = 1 - β for Q, x = w·(q/p - 1): w·q·log(q/p) + … is
// w·H(q/p - 1) - H(x), of which at most half cancels where w ≤ 1/2. For β < 1/2 the sides change places.
function jensenShannonOfP(at: usize, w: f64): v128 {
  const weight = f64x2.splat(w);
  return f64x2.sub(f64x2.mul(weight, reverseOf(at)), entropyOf(f64x2.mul(weight, v128.load(at, 48))));
}

function jensenShannonOfQ(at: usize, beta: f64): v128 {
  const weight = f64x2.splat(beta);
  const ratio = v128.load(at, 16);
  const excess = f64x2.div(f64x2.neg(v128.load(at, 48)), ratio);
  return f64x2.sub(f64x2.mul(weight, v128.load(at, 64)), f64x2.mul(ratio, entropyOf(f64x2.mul(weight, excess))));
}

// the summands of `src/core/divergences/renyi.ts`, in the scratch behind the last pair
function renyiOfP(at: usize, c: f64): v128 {
  return f64x2.add(v128.load(at, 64), f64x2.div(phiOf(f64x2.mul(f64x2.splat(-c), v128.load(at, 32))), f64x2.splat(c)));
}

function renyiOfQ(at: usize, alpha: f64): v128 {
  const power = phiOf(f64x2.mul(f64x2.splat(-alpha), v128.load(at, 32)));
  return f64x2.sub(reverseOf(at), f64x2.mul(v128.load(at, 16), f64x2.div(power, f64x2.splat(alpha))));
}

const scratch: usize = pairs + 128 * pairBytes;

function phiOf(d: v128): v128 {
  furthest = max(furthest, largestOf(f64x2.abs(d)));
  storeExponentials(d, scratch, scratch + 16, scratch + 32);
  return v128.load(scratch, 32);
}

/** (1 - √(q/p))² / 2 */
function hellingerOf(at: usize): v128 {
  const root = f64x2.div(v128.load(at, 48), f64x2.add(f64x2.splat(1), f64x2.sqrt(v128.load(at, 16))));
  return f64x2.mul(f64x2.splat(0.5), f64x2.mul(root, root));
}

/** (q/p - 1)² / (q/p) */
function chiSquaredOf(at: usize): v128 {
  const excess = v128.load(at, 48);
  return f64x2.mul(excess, f64x2.div(excess, v128.load(at, 16)));
}

/**
 * Writes the sum of each form to the places from `at` on, and returns whether all of them are what `computeFamily` in `src/core` finds,
 * with nothing to report. `mass` is Σ p where a side is used as it stands, and 0 where both are normalised. Sums that take the rounding of
 * what all summands share as it is, and not squared, are no less than `lowest`.
 */
export function endFamily(at: usize, mass: f64, lowest: f64): bool {
  // below this divergence the rounding of what all summands share, squared, would show, or that of each
  let isRegular = forward >= max(2.0 ** -50, 2.0 ** -8 * lowest) && furthest <= 700;
  const shift = mass === 0 ? 0 : drift;
  for (let place = 0; place < formCount; place++) {
    const form = load<i32>(forms + (place << 2));
    const parameter = load<f64>(parameters + (place << 3));
    let sum = load<f64>(sums + (place << 3));
    let least: f64 = 1;
    if (form === kl) sum = least = forward - shift;
    else if (form === reverseKl) sum = least = reverse + shift;
    else if (form === jeffreys) sum = forward + reverse;
    else if (form === totalVariation) {
      sum = 0.5 * variation;
      isRegular = isRegular && sum >= max(2.0 ** -12, lowest);
    } else if (form === renyi) {
      const c = parameter - 1;
      sum = ((parameter < 0.5 ? -parameter : c) * sum - c * shift) / (mass === 0 ? 1 : mass);
      // no more than log(1 + sum) / c
      least = (0.5 * min(abs(sum), 1)) / abs(c);
      isRegular = isRegular && sum >= 2.0 ** -7 - 1 && sum * c > 0;
    }
    store<f64>(at + (place << 3), sum);
    // not NaN, not infinite, and of masses that are used as they stand no difference of them
    isRegular =
      isRegular && sum <= f64.MAX_VALUE && (mass === 0 || (least > 2 * abs(shift) && least >= max(lowest, 2.0 ** -8 * variation)));
  }
  return isRegular;
}
