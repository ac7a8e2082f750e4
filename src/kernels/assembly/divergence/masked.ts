import { filledP, filledQ } from './layout';
import { lastOf } from './math/simd';
import { isLog, kindP, kindQ, pseudocountP, pseudocountQ } from './sides';

// outcomes without mass are given a mass that is too small to show in any sum

/** Logits so far below the peak are masked: their exponential is 0 in float64. */
const masked: f64 = -780;
/** Between it and this one an exponential is no normal number, or nearly so: such rows are left to the definition. */
const lowest: f64 = -690;
const fillLog: f64 = -590;
/** Beyond it numbers are too far apart to tell such differences. */
const furthest: f64 = 1e12;
const lowestMass: f64 = 2.0 ** -600;
const fillMass: f64 = 2.0 ** -750;

/** Whether outcomes of the row have no mass on a side. */
export let hasMasked: bool = false;
/** Whether Q has no mass where P has. */
export let isInfinite: bool = false;
/** How many outcomes have no mass in Q. */
export let missing: i64 = 0;
/** Whether a number is NaN, below the domain, or nearly masked. */
export let isUnsure: bool = false;
/** Whether there were masks in the block that was filled last: the next one is likely to have some. */
export let areLikely: bool = false;

let peakOfP: f64 = 0;
let peakOfQ: f64 = 0;

/** Begins a row, or begins it anew. */
export function beginMasked(): void {
  hasMasked = isInfinite = isUnsure = false;
  missing = 0;
}

/** Begins to count anew, before another pass that fills every block. */
export function beginMissing(): void {
  missing = 0;
}

/** Sets what logarithms of each side are compared with; what is masked is far below. */
export function setPeaks(ofP: f64, ofQ: f64): void {
  peakOfP = ofP;
  peakOfQ = ofQ;
}

/** Whether a side, whose sum is this, has mass somewhere beside what was filled in. */
export function hasMass(kind: i32, sum: f64): bool {
  return !hasMasked || sum >= (isLog(kind) ? 1e-200 : 0.5 * lowestMass);
}

/** Fills a block of a row that needs no filling where all outcomes have mass: there, nothing of it is unsure, as if it were not filled. */
export function fillMasked(p: usize, q: usize, n: i32): void {
  const wasUnsure = isUnsure;
  fill(p, q, n);
  if (!areLikely) isUnsure = wasUnsure;
}

/** Copies a block to `filledP` and `filledQ`, with something in place of numbers without mass. */
export function fill(p: usize, q: usize, n: i32): void {
  areLikely = false;
  const even = n & -2;
  fillPairs(p, q, filledP, even);
  if (n & 1) {
    const counted = missing;
    v128.store(lastPair, lastOf(p + (even << 3)));
    v128.store(lastPair, lastOf(q + (even << 3)), 16);
    fillPairs(lastPair, lastPair + 16, filledP + (even << 3), 2);
    // the last number stands there twice
    missing -= (missing - counted) >> 1;
  }
  isUnsure = isUnsure || (isLog(kindP) && !(abs(peakOfP) <= furthest)) || (isLog(kindQ) && !(abs(peakOfQ) <= furthest));
  hasMasked = hasMasked || areLikely;
}

/** Where a number has no pair, it stands twice, of P and of Q. */
const lastPair: usize = memory.data(32, 16);

function fillPairs(p: usize, q: usize, to: usize, n: i32): void {
  const isLogP = isLog(kindP);
  const isLogQ = isLog(kindQ);
  // a number has mass above `above`, and exactly none at `none`; with mass, but below `sure`, it is nearly masked
  const aboveP = f64x2.splat(isLogP ? peakOfP + masked : -pseudocountP);
  const aboveQ = f64x2.splat(isLogQ ? peakOfQ + masked : -pseudocountQ);
  const noneQ = f64x2.splat(isLogQ ? -Infinity : pseudocountQ === 0 ? 0 : -1);
  const sureP = f64x2.splat(isLogP ? peakOfP + lowest : lowestMass - pseudocountP);
  const sureQ = f64x2.splat(isLogQ ? peakOfQ + lowest : lowestMass - pseudocountQ);
  const leastP = f64x2.splat(isLogP ? -Infinity : 0);
  const leastQ = f64x2.splat(isLogQ ? -Infinity : 0);
  const insteadOfP = f64x2.splat(isLogP ? peakOfP + fillLog : fillMass);
  const insteadOfQ = f64x2.splat(isLogQ ? peakOfQ + fillLog : fillMass);
  let allHave = i64x2.splat(-1);
  let sure = i64x2.splat(-1);
  let infinite = i64x2.splat(0);
  let count = i64x2.splat(0);
  for (const end = p + (n << 3); p < end; p += 16, q += 16, to += 16) {
    const x = v128.load(p);
    const y = v128.load(q);
    const hasP = f64x2.gt(x, aboveP);
    const hasQ = f64x2.gt(y, aboveQ);
    const isNone = f64x2.eq(y, noneQ);
    allHave = v128.and(allHave, v128.and(hasP, hasQ));
    infinite = v128.or(infinite, v128.and(hasP, isNone));
    count = i64x2.sub(count, isNone);
    // a NaN is not on the scale; where P has mass, Q has some or exactly none
    const isOnScale = v128.and(f64x2.ge(x, leastP), f64x2.ge(y, leastQ));
    const isSureP = v128.or(v128.not(hasP), f64x2.ge(x, sureP));
    const isSureQ = v128.bitselect(f64x2.ge(y, sureQ), v128.or(v128.not(hasP), isNone), hasQ);
    sure = v128.and(sure, v128.and(isOnScale, v128.and(isSureP, isSureQ)));
    v128.store(to, v128.bitselect(x, insteadOfP, hasP));
    v128.store(to, v128.bitselect(y, insteadOfQ, hasQ), filledQ - filledP);
  }
  areLikely = areLikely || !i64x2.all_true(allHave);
  missing += i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1);
  isInfinite = isInfinite || v128.any_true(infinite);
  isUnsure = isUnsure || !i64x2.all_true(sure);
}
