import { formCount, jeffreys, jensenShannon, reverseKl, totalVariation } from '../family';
import { forms, parameters, sums } from '../layout';
import { logRatio } from '../math/logarithm';
import { once, sumOf } from '../math/simd';
import { massP, massQ, partsOfLogits, partsOfReverse, reverseOfLogits } from './logits';

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

/** Adds n outcomes to each Jensen-Shannon divergence, from the exponentials of P and Q. */
export function addMixtures(p: usize, q: usize, n: i32): void {
  for (let place = 0; place < formCount; place++) {
    if (load<i32>(forms + (place << 2)) !== jensenShannon) continue;
    const beta = load<f64>(parameters + (place << 3));
    const sum = sums + (place << 3);
    const more = beta < 0.5 ? mixed(q, p, n, 1 - beta, (beta * massQ) / massP) : mixed(p, q, n, beta, ((1 - beta) * massP) / massQ);
    store<f64>(sum, load<f64>(sum) + more);
  }
}

/** Σ m·log(m / a) with m = weight·a + other·b, the mixture on the scale of a. */
function mixed(a: usize, b: usize, n: i32, weight: f64, other: f64): f64 {
  let sum = f64x2.splat(0);
  const end = a + ((n & -2) << 3);
  const weightOfA = f64x2.splat(weight);
  const weightOfB = f64x2.splat(other);
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const m = f64x2.relaxed_madd(v128.load(b), weightOfB, f64x2.mul(x, weightOfA));
    sum = f64x2.relaxed_madd(m, logRatio(m, x), sum);
  }
  if (n & 1) {
    const x = v128.load64_splat(a);
    const m = f64x2.relaxed_madd(v128.load64_splat(b), weightOfB, f64x2.mul(x, weightOfA));
    sum = f64x2.add(sum, once(f64x2.mul(m, logRatio(m, x))));
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
