import type { KindName } from '../../src/core/kinds.ts';

/** Numbers in [0, 1), the same ones for a seed. Mulberry32: gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed numbers. Box and Muller: doi:10.1214/aoms/1177706645 */
export function normals(random: () => number, length: number): Float64Array {
  const numbers = new Float64Array(length);
  for (let k = 0; k < length; k++) numbers[k] = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return numbers;
}

/** Rows of n as probabilities. */
export function softmaxed(logits: Float64Array, n: number): Float64Array {
  const probs = logits.map(Math.exp);
  for (let start = 0; start < probs.length; start += n) {
    let sum = 0;
    for (let k = start; k < start + n; k++) sum += probs[k];
    for (let k = start; k < start + n; k++) probs[k] /= sum;
  }
  return probs;
}

/** Rows of a kind whose logits have the standard deviation `scale`. */
export function rowsOf(kind: KindName, random: () => number, count: number, n: number, scale: number): Float64Array {
  const logits = normals(random, count * n).map((x) => scale * x);
  if (kind === 'logits') return logits;
  if (kind === 'counts') return logits.map((x) => Math.ceil(1000 * Math.exp(x)));
  const probs = softmaxed(logits, n);
  return kind === 'probs' ? probs : probs.map(Math.log);
}

/** Rows whose logits are about `distance` from those of `rows`. */
export function near(kind: KindName, rows: Float64Array, n: number, distance: number, random: () => number): Float64Array {
  const shifts = normals(random, rows.length).map((x) => distance * x);
  const shifted = rows.map((x, k) => x + shifts[k]);
  if (kind === 'logits') return shifted;
  if (kind === 'log_probs') return softmaxed(shifted, n).map(Math.log);
  const moved = rows.map((x, k) => x * Math.exp(shifts[k]));
  return kind === 'probs' ? softmaxed(moved.map(Math.log), n) : moved;
}
