import { formCount, jeffreys, jensenShannon, reverseKl, totalVariation } from '../family';
import { computedP, computedQ, forms, parameters, sums } from '../layout';
import { logarithms } from '../math/logarithms';
import { lastOf, sumOf } from '../math/simd';
import { massP, massQ, partsOfLogits, partsOfReverse, reverseOfLogits } from './logits';
import { peakP, peakQ } from './logits-range';

let forward: f64 = 0;
let reverse: f64 = 0;

/**
 * Whether P and Q are so far apart that the sums of the pass `add` have their digits, and all that is asked for follows from these and from
 * mixtures of the exponentials: that takes half of the time. `total` is D(P ‖ Q) by those sums.
 */
export function areFar(total: f64): bool {
  forward = total;
  reverse = reverseOfLogits();
  if (!(forward >= 2.0 ** -6 * partsOfLogits() && reverse >= 2.0 ** -6 * partsOfReverse())) return false;
  for (let place = 0; place < formCount; place++) {
    const form = load<i32>(forms + (place << 2));
    const beta = load<f64>(parameters + (place << 3));
    if (form > jensenShannon || form === totalVariation) return false;
    if (form === jensenShannon && !(abs(beta - 0.5) < 0.4375)) return false;
  }
  return true;
}

/** Adds n outcomes to each Jensen-Shannon divergence, from the logits of P and Q and their exponentials. */
export function addMixtures(x: usize, y: usize, p: usize, q: usize, n: i32): void {
  for (let place = 0; place < formCount; place++) {
    if (load<i32>(forms + (place << 2)) !== jensenShannon) continue;
    const beta = load<f64>(parameters + (place << 3));
    const sum = sums + (place << 3);
    const more =
      beta < 0.5
        ? mixed(y, peakQ, q, p, n, 1 - beta, (beta * massQ) / massP)
        : mixed(x, peakP, p, q, n, beta, ((1 - beta) * massP) / massQ);
    store<f64>(sum, load<f64>(sum) + more);
  }
}

/** Σ m·log(m / a) of a block, with a = exp(x - peak) and m = weight·a + other·b, the mixture on the scale of a. */
function mixed(x: usize, peak: f64, a: usize, b: usize, n: i32, weight: f64, other: f64): f64 {
  const weightOfA = f64x2.splat(weight);
  const weightOfB = f64x2.splat(other);
  let m = computedP;
  for (const end = a + (n << 3); a < end; a += 16, b += 16, m += 16)
    v128.store(m, f64x2.relaxed_madd(v128.load(b), weightOfB, f64x2.mul(v128.load(a), weightOfA)));
  logarithms(computedP, computedQ, n);
  let sum = f64x2.splat(0);
  const shift = f64x2.splat(peak);
  const end = x + (n << 3);
  m = computedP;
  for (let log = computedQ; x < end; x += 16, m += 16, log += 16) {
    const isLast = x + 8 === end;
    const logOfA = f64x2.sub(isLast ? lastOf(x) : v128.load(x), shift);
    // behind the last one m is 0
    sum = f64x2.relaxed_madd(v128.load(m), f64x2.sub(v128.load(log), logOfA), sum);
  }
  return sumOf(sum);
}

/** Writes the sum of each form to the places from `at` on, and returns whether none has lost too many digits. */
export function endFarLogits(at: usize): bool {
  let areExact = true;
  for (let place = 0; place < formCount; place++) {
    const form = load<i32>(forms + (place << 2));
    const beta = load<f64>(parameters + (place << 3));
    let sum = forward;
    if (form === reverseKl) sum = reverse;
    else if (form === jeffreys) sum = forward + reverse;
    else if (form === jensenShannon) {
      // with w = 1 - β: w·D(Q ‖ P) - Σ m·log(m / p), or with the sides exchanged
      const mixtures = load<f64>(sums + (place << 3));
      sum = beta < 0.5 ? beta * forward - mixtures / massQ : (1 - beta) * reverse - mixtures / massP;
      const parts = beta < 0.5 ? beta * partsOfLogits() : (1 - beta) * partsOfReverse();
      areExact = areExact && sum >= 2.0 ** -9 * parts;
    }
    store<f64>(at + (place << 3), sum);
  }
  return areExact;
}
