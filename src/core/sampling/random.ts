import { cephes } from '../special-functions.ts';

/** Numbers in [0, 1), always the same ones for a seed. */
type Random = () => number;

/**
 * Blackman and Vigna's xoshiro128**, doi:10.1145/3460772, its state filled from the seeds by Steele, Lea and Flood's mixer,
 * doi:10.1145/2714064.2660195
 */
export function seededRandom(...seeds: readonly number[]): Random {
  const state = new Uint32Array(4);
  let mixed = 0x9e3779b9;
  const fill = (value: number, into: number) => {
    mixed = (mixed ^ value) + 0x9e3779b9;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    state[into % 4] ^= mixed;
  };
  for (const [position, seed] of seeds.entries()) {
    fill(seed, 2 * position);
    fill(Math.floor(seed / 2 ** 32), 2 * position + 1);
  }
  for (let into = 0; into < 4; into++) fill(into, into);
  const next = () => {
    const scrambled = Math.imul(rotated(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotated(state[3], 11);
    return scrambled;
  };
  // 27 and 26 bits make the 53 of a float64
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

function rotated(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by));
}

/** How many of n trials succeed, each with probability p. */
export function binomial(random: Random, n: number, p: number): number {
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  return n * p < 10 ? byWaiting(random, n, p) : byRejection(random, n, p);
}

/** Adds up the waits between successes, which are geometric. Devroye 1986, chapter X.4.3: doi:10.1007/978-1-4613-8643-8 */
function byWaiting(random: Random, n: number, p: number): number {
  if (p <= 0) return 0;
  const logOfFailure = Math.log1p(-p);
  let trials = 0;
  for (let successes = 0; ; successes++) {
    trials += 1 + Math.floor(Math.log(1 - random()) / logOfFailure);
    if (trials > n) return successes;
  }
}

/** Hörmann's transformed rejection, BTRS, for n·p from 10 on: doi:10.1080/00949659308811496 */
function byRejection(random: Random, n: number, p: number): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const surely = 0.92 - 4.2 / b;
  const mode = Math.floor((n + 1) * p);
  const { lgam } = cephes();
  const logOdds = Math.log(p / (1 - p));
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= surely) return k;
    if (k < 0 || k > n) continue;
    const logRatio = lgam(mode + 1) + lgam(n - mode + 1) - lgam(k + 1) - lgam(n - k + 1) + (k - mode) * logOdds;
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= logRatio) return k;
  }
}

/** Draws so many observations, each from the outcomes in proportion to their weights, and counts them in `drawn`. */
export function drawCounts(random: Random, size: number, weights: ArrayLike<number>, drawn: Float64Array): void {
  let left = size;
  let among = 0;
  for (let k = 0; k < weights.length; k++) among += weights[k];
  for (let k = 0; k < weights.length; k++) {
    // what rounding leaves of the sum may be less than the last weight
    drawn[k] = left === 0 ? 0 : binomial(random, left, Math.min(1, weights[k] / among));
    left -= drawn[k];
    among -= weights[k];
  }
}
