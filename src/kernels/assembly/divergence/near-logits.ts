import { exponential, power, seriesOf, storeExponentials } from './exponential';
import { pairs, powersP, powersQ } from './layout';
import { entropyOf } from './logarithm';
import { setMasses } from './logits';
import { largestDomain, settleRange } from './logits-range';
import { largestOf, lastOf, lostIn, once, smallestOf, sumOf, sumsOf } from './simd';

/** Up to this |t| the polynomial holds; up to the other the exponential does. */
const nearby: f64 = 1;
const farthest: f64 = 30;

/** A large logit of P, and what x - y is on average, at the beginning of the row. */
let reference: f64 = 0;
let offset: f64 = 0;
let isBegun: bool = false;
/** Whether P and Q are too far apart, or the logits too wide. */
let isFar: bool = false;
// with e = exp(x - reference) and t = x - y - offset: Σ e and Σ e·t, and Σ e·(t + exp(-t) - 1), and what rounding took from them
let sums: v128 = f64x2.splat(0);
let sumsLost: v128 = f64x2.splat(0);
let phis: f64 = 0;
/** Σ e·(1 - (1 + t)·exp(-t)), which the other direction takes. */
let otherPhis: f64 = 0;
/** Whether e and t are kept for the divergences that need another look at them: e from `powersP` on, t from `powersQ` on. */
let keeps: bool = false;
/** How many bytes of each are kept. */
let kept: usize = 0;
/** The extrema of x - reference, and the largest t² of a block. */
let highest: f64 = 0;
let lowest: f64 = 0;
let blockHighest: f64 = 0;
let blockLowest: f64 = 0;
let blockWidest: f64 = 0;
let blockSums: v128 = f64x2.splat(0);
let blockPhis: f64 = 0;
let blockOtherPhis: f64 = 0;

export function beginNear(keepsPowers: bool): void {
  keeps = keepsPowers;
  kept = 0;
  otherPhis = 0;
  isBegun = isFar = false;
  sums = sumsLost = f64x2.splat(0);
  phis = 0;
  highest = -Infinity;
  lowest = Infinity;
}

/** Adds a block of n outcomes. */
export function addNear(p: usize, q: usize, n: i32): void {
  if (!isBegun) setReferences(p, q, n);
  if (isFar) return;
  sumNear(p, q, n);
  highest = max(highest, blockHighest);
  lowest = min(lowest, blockLowest);
  // the lowest share of 2²³ of P, and what belongs to it of Q, are normal numbers
  isFar = !(highest <= 60 && lowest >= -600 && blockWidest <= farthest * farthest);
  if (isFar) return;
  if (blockWidest > nearby * nearby) sumWide(p, q, n);
  const sum = f64x2.add(sums, blockSums);
  sumsLost = f64x2.add(sumsLost, lostIn(sums, blockSums, sum));
  sums = sum;
  phis += blockPhis;
  otherPhis += blockOtherPhis;
  kept += n << 3;
}

function setReferences(p: usize, q: usize, n: i32): void {
  isBegun = true;
  let most = f64x2.splat(-Infinity);
  let longest = f64x2.splat(-Infinity);
  let shortest = f64x2.splat(Infinity);
  let sum = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) {
    const x = v128.load(p);
    const step = f64x2.sub(x, v128.load(q));
    most = f64x2.relaxed_max(x, most);
    longest = f64x2.relaxed_max(step, longest);
    shortest = f64x2.relaxed_min(step, shortest);
    sum = f64x2.add(sum, step);
  }
  if (n & 1) {
    const x = lastOf(p);
    const step = f64x2.sub(x, lastOf(q));
    most = f64x2.relaxed_max(x, most);
    longest = f64x2.relaxed_max(step, longest);
    shortest = f64x2.relaxed_min(step, shortest);
    sum = f64x2.add(sum, once(step));
  }
  reference = largestOf(most);
  // a multiple of 2⁻¹⁶, so that t is exact where the logits were float32 or shorter
  offset = nearest<f64>((sumOf(sum) / n) * 65536) / 65536;
  isFar = !(reference <= largestDomain && largestOf(longest) - offset <= 2 && offset - smallestOf(shortest) <= 2);
}

/** Sums of a block, with the polynomial of t. */
function sumNear(p: usize, q: usize, n: i32): void {
  const isKept = keeps;
  const shift = f64x2.splat(reference);
  const constant = f64x2.splat(offset);
  let high = f64x2.splat(-Infinity);
  let low = f64x2.splat(Infinity);
  let wide = f64x2.splat(0);
  let mass = f64x2.splat(0);
  let product = f64x2.splat(0);
  let phi = f64x2.splat(0);
  let otherPhi = f64x2.splat(0);
  let at = kept;
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) {
    const x = v128.load(p);
    const a = f64x2.sub(x, shift);
    const t = f64x2.sub(f64x2.sub(x, v128.load(q)), constant);
    const square = f64x2.mul(t, t);
    high = f64x2.relaxed_max(a, high);
    low = f64x2.relaxed_min(a, low);
    wide = f64x2.relaxed_max(square, wide);
    const e = power(a);
    mass = f64x2.add(mass, e);
    product = f64x2.relaxed_madd(e, t, product);
    const each = f64x2.mul(square, seriesOf(t));
    phi = f64x2.relaxed_madd(e, each, phi);
    if (!isKept) continue;
    otherPhi = f64x2.relaxed_madd(e, otherOf(each, t, square), otherPhi);
    v128.store(powersP + at, e);
    v128.store(powersQ + at, t);
    at += 16;
  }
  if (n & 1) {
    const x = lastOf(p);
    const a = f64x2.sub(x, shift);
    const t = f64x2.sub(f64x2.sub(x, lastOf(q)), constant);
    const square = f64x2.mul(t, t);
    high = f64x2.relaxed_max(a, high);
    low = f64x2.relaxed_min(a, low);
    wide = f64x2.relaxed_max(square, wide);
    const e = once(power(a));
    mass = f64x2.add(mass, e);
    product = f64x2.relaxed_madd(e, t, product);
    const each = f64x2.mul(square, seriesOf(t));
    phi = f64x2.relaxed_madd(e, each, phi);
    if (isKept) {
      otherPhi = f64x2.relaxed_madd(e, otherOf(each, t, square), otherPhi);
      v128.store64_lane(powersP + at, e, 0);
      v128.store64_lane(powersQ + at, t, 0);
    }
  }
  blockHighest = largestOf(high);
  blockLowest = smallestOf(low);
  blockWidest = largestOf(wide);
  blockSums = sumsOf(mass, product);
  blockPhis = sumOf(phi);
  blockOtherPhis = sumOf(otherPhi);
}

/** 1 - (1 + t)·exp(-t), from φ = t + exp(-t) - 1: it is t² - φ·(1 + t), of which no more than half cancels. */
function otherOf(phi: v128, t: v128, square: v128): v128 {
  return f64x2.relaxed_nmadd(phi, f64x2.add(f64x2.splat(1), t), square);
}

const scratch: usize = pairs;

/** The sums of both φ of a block where some t is larger. */
function sumWide(p: usize, q: usize, n: i32): void {
  let phi = f64x2.splat(0);
  let otherPhi = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) {
    const e = wideTerms(v128.load(p), v128.load(q));
    phi = f64x2.relaxed_madd(e, v128.load(scratch, 32), phi);
    otherPhi = f64x2.relaxed_madd(e, v128.load(scratch, 48), otherPhi);
  }
  if (n & 1) {
    const e = once(wideTerms(lastOf(p), lastOf(q)));
    phi = f64x2.relaxed_madd(e, v128.load(scratch, 32), phi);
    otherPhi = f64x2.relaxed_madd(e, v128.load(scratch, 48), otherPhi);
  }
  blockPhis = sumOf(phi);
  blockOtherPhis = sumOf(otherPhi);
}

/** Returns e, and writes both φ to the scratch. */
function wideTerms(x: v128, y: v128): v128 {
  const t = f64x2.sub(f64x2.sub(x, y), f64x2.splat(offset));
  storeExponentials(t, scratch, scratch + 16, scratch + 32);
  // 1 - (1 + t)·exp(-t) is -(exp(-t) - 1)·t - φ
  v128.store(scratch, f64x2.neg(f64x2.relaxed_madd(v128.load(scratch, 16), t, v128.load(scratch, 32))), 48);
  return exponential(f64x2.sub(x, f64x2.splat(reference)));
}

/** What follows from the sums, for whoever needs more than the total. */
export let massOfNear: f64 = 0;
/** Σ p·exp(-t) - 1, and the logarithm of 1 + it, by which d = log p - log q is more than t. */
let rest: f64 = 0;
export let stepOfNear: f64 = 0;
/** (1 + u)·log(1 + u) - u */
let entropy: f64 = 0;

/**
 * The total. With τ = Σ p·t and Φ = Σ p·(t + exp(-t) - 1) it is τ + log(1 + u) = Φ - (u - log(1 + u)), u = Φ - τ, whatever the offset is.
 * NaN where its digits are not sure.
 */
export function totalOfNear(): f64 {
  const sum = f64x2.add(sums, sumsLost);
  massOfNear = f64x2.extract_lane(sum, 0);
  const phi = phis / massOfNear;
  rest = phi - f64x2.extract_lane(sum, 1) / massOfNear;
  if (isFar || !(abs(rest) <= 0.5)) return NaN;
  entropy = f64x2.extract_lane(entropyOf(f64x2.splat(rest)), 0);
  const excess = (rest * rest - entropy) / (1 + rest);
  const total = phi - excess;
  // where the sides differ by a large offset, t has been rounded like it
  const isSure = total >= 2.0 ** -4 * phi && total >= 2.0 ** -10 * offset * offset && total >= 2.0 ** -30;
  if (!isSure) return NaN;
  stepOfNear = rest - excess;
  settleRange(reference);
  setMasses(massOfNear, offset - stepOfNear);
  return total;
}

/**
 * D(Q ‖ P), after the total. With Ψ = Σ p·(1 - (1 + t)·exp(-t)) it is (Ψ + u) / (1 + u) - log(1 + u). NaN where its digits are not sure.
 */
export function reverseOfNear(): f64 {
  const psi = otherPhis / massOfNear;
  const reverse = (psi - entropy) / (1 + rest);
  return reverse >= 2.0 ** -4 * psi ? reverse : NaN;
}
