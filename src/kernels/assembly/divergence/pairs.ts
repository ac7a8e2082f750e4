import { computedP, computedQ, pairBytes, pairs } from './layout';
import { normP as normOfLogits } from './logs/logits';
import { peakP } from './logs/logits-range';
import { logRatioOfLogits } from './logs/logits-terms';
import { massP, massQ } from './masses';
import { exponential, storeExponentials } from './math/exponential';
import { logRatio } from './math/logarithm';
import { lastOf, once } from './math/simd';
import { writeOutcomes } from './mixed';
import { logRatioOfCounts } from './refined-counts';
import { isNormalized, kindP, kindQ, pseudocountP } from './sides';

/** Writes n outcomes to `pairs`, of logits whose masses are known, and returns where they end. */
export function pairLogits(p: usize, q: usize, n: i32): usize {
  const peak = f64x2.splat(peakP);
  const scale = f64x2.splat(1 / normOfLogits);
  const end = p + ((n & -2) << 3);
  let at = pairs;
  for (; p < end; p += 16, q += 16, at += pairBytes) {
    const x = v128.load(p);
    pairUp(at, f64x2.mul(exponential(f64x2.sub(x, peak)), scale), logRatioOfLogits(x, v128.load(q)));
  }
  if ((n & 1) === 0) return at;
  const x = lastOf(p);
  pairUp(at, once(f64x2.mul(exponential(f64x2.sub(x, peak)), scale)), logRatioOfLogits(x, lastOf(q)));
  return at + pairBytes;
}

/** Writes n outcomes to `pairs`, of probabilities, or of counts whose sums are known, and returns where they end. */
export function pairMasses(p: usize, q: usize, n: i32): usize {
  const normP: f64 = isNormalized(kindP) ? massP : 1;
  const normQ: f64 = isNormalized(kindQ) ? massQ : 1;
  const areShares = isNormalized(kindP) || isNormalized(kindQ);
  const end = p + ((n & -2) << 3);
  let at = pairs;
  for (; p < end; p += 16, q += 16, at += pairBytes) pairUpMasses(at, v128.load(p), v128.load(q), areShares, normP, normQ);
  if ((n & 1) === 0) return at;
  pairUpMasses(at, lastOf(p), lastOf(q), areShares, normP, normQ);
  v128.store(at, once(v128.load(at)));
  return at + pairBytes;
}

function pairUpMasses(at: usize, x: v128, y: v128, areShares: bool, normP: f64, normQ: f64): void {
  if (areShares) {
    const p = f64x2.div(f64x2.add(x, f64x2.splat(pseudocountP)), f64x2.splat(normP));
    pairUp(at, p, logRatioOfCounts(x, y, normP, normQ));
  } else pairUp(at, x, logRatio(x, y));
}

/** Writes n outcomes to `pairs` where one side is logarithms and the other masses, whose sums are known; returns where they end. */
export function pairMixed(p: usize, q: usize, n: i32): usize {
  writeOutcomes(p, q, n);
  let at = pairs;
  let from = computedP;
  for (const end = from + (n << 3); from < end; from += 16, at += pairBytes)
    pairUp(at, v128.load(from), v128.load(from, computedQ - computedP));
  return at;
}

function pairUp(at: usize, p: v128, d: v128): void {
  v128.store(at, p);
  v128.store(at, d, 32);
  storeExponentials(d, at + 16, at + 48, at + 64);
}
