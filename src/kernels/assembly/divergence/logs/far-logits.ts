import { formCount, jeffreys, jensenShannon, reverseKl, totalVariation } from '../family';
import { forms, parameters, sums } from '../layout';
import { logRatioOf } from '../math/logarithm';
import { sumOfMixtures } from '../math/logarithms';
import { entropyOfP, entropyOfQ, massP, massQ, partsOfLogits, partsOfReverse, reverseOfLogits } from './logits';

let forward: f64 = 0;
let reverse: f64 = 0;

/**
 * Whether P and Q are so far apart that the sums of the pass `add` have their digits, and all that is asked for follows from these and from
 * the entropies of mixtures of the exponentials: that takes a third of the time. `total` is D(P ‖ Q) by those sums.
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

/** Adds to each Jensen-Shannon divergence what n exponentials of P and of Q give: Σ m·log m of mixtures m on the scale of P. */
export function addMixtures(p: usize, q: usize, n: i32): void {
  for (let place = 0; place < formCount; place++) {
    if (load<i32>(forms + (place << 2)) !== jensenShannon) continue;
    const beta = load<f64>(parameters + (place << 3));
    const sum = sums + (place << 3);
    store<f64>(sum, load<f64>(sum) + sumOfMixtures(p, q, n, ((1 - beta) * massP) / (beta * massQ)));
  }
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
      // the entropy of the mixture, which sums to 1, less those of its parts
      const scale = beta / massP;
      const parts = beta * entropyOfP() + (1 - beta) * entropyOfQ();
      const mixture = -scale * load<f64>(sums + (place << 3)) - logRatioOf(beta, massP);
      sum = mixture - parts;
      areExact = areExact && sum >= 2.0 ** -9 * (1 + parts);
    }
    store<f64>(at + (place << 3), sum);
  }
  return areExact;
}
