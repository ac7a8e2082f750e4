import { capacity, filledP, filledQ } from '../layout';
import { areLikely, fillMasked, isInfinite, isUnsure, setPeaks } from '../masked';
import { addTo, clearSum, sumAlign, sumBytes, valueOf } from '../math/compensated';
import { exponential } from '../math/exponential';
import { entropyOf, logRatioOf } from '../math/logarithm';
import { largestOf, lastOf, smallestOf, sumOf } from '../math/simd';
import { areNormalized, arePlain, asTheyStand, isNormalized, isSure, kindP, kindQ, largestNumber } from '../sides';
import { setMasses } from './logits';
import { settlePeaks } from './logits-range';
import { blockHighest, blockLowest, blockOtherPhis, blockPhis, blockSums, blockWidest, nearby, sumNear, sumWide } from './near-sums';

/** Up to this |t| the exponential holds. */
const farthest: f64 = 30;
const few: i32 = 32;

/** A large logit of P, or 0 where it is log-probabilities, and what x - y is on average, at the beginning of the row. */
let reference: f64 = 0;
let offset: f64 = 0;
let isBegun: bool = false;
/** Whether P and Q are too far apart, or the logits too wide. */
export let isFar: bool = false;
// with e = exp(x - reference) and t = x - y - offset: Σ e and Σ e·(1 - exp(-t)); Σ e·(t + exp(-t) - 1)
const sums: usize = memory.data(sumBytes, sumAlign);
let phis: f64 = 0;
/** Σ e·(1 - (1 + t)·exp(-t)), which the other direction takes. */
let otherPhis: f64 = 0;
/** Whether e·exp(-t / 2) and t are kept for the divergences that need another look at them: from `powersP` and from `powersQ` on. */
let keeps: bool = false;
/** How many of each are kept. */
let kept: i32 = 0;

/** Begins a row. @param keepsPowers whether its exponentials are kept for `near-forms` */
export function beginNear(keepsPowers: bool): void {
  keeps = keepsPowers;
  kept = 0;
  otherPhis = 0;
  isBegun = isFar = false;
  clearSum(sums);
  phis = 0;
}

/** Adds a block of n outcomes. @param fills whether outcomes without mass are passed over */
export function addNear(p: usize, q: usize, n: i32, fills: bool): void {
  if (isFar) return;
  if (!isBegun) {
    isBegun = true;
    // a few outcomes tell of most rows that their sides are far apart
    isFar = !(areNear(p, q, min(n, few)) && (n <= few || areNear(p, q, n)));
    setPeaks(reference, reference - offset);
  }
  if (isFar) return;
  keeps = keeps && kept + n <= capacity;
  const at = keeps ? kept << 3 : -1;
  let isFilled = fills && areLikely;
  if (!isFilled) {
    sumNear(p, q, n, reference, offset, at);
    isFilled = fills && !isPlain();
  }
  if (isFilled) {
    fillMasked(p, q, n);
    p = filledP;
    q = filledQ;
    sumNear(p, q, n, reference, offset, at);
  }
  isFar = isInfinite || isUnsure || !isPlain();
  if (isFar) return;
  if (blockWidest > nearby * nearby) sumWide(p, q, n, reference, offset);
  addTo(sums, blockSums);
  phis += blockPhis;
  otherPhis += blockOtherPhis;
  kept += n;
}

/** Whether the lowest share of 2²³ of P, and what belongs to it of Q, are normal numbers. */
function isPlain(): bool {
  return blockHighest <= 60 && blockLowest >= -600 && blockWidest <= farthest * farthest;
}

/** Sets the references by the first n outcomes, and returns whether these are near enough. Steps to and from masks do not count. */
function areNear(p: usize, q: usize, n: i32): bool {
  const none = f64x2.splat(0);
  const largest = f64x2.splat(f64.MAX_VALUE);
  let most = f64x2.splat(-Infinity);
  let longest = f64x2.splat(-Infinity);
  let shortest = f64x2.splat(Infinity);
  let sum = f64x2.splat(0);
  let count = f64x2.splat(0);
  const end = p + (n << 3);
  for (; p < end; p += 16, q += 16) {
    const isLast = p + 8 === end;
    const x = isLast ? lastOf(p) : v128.load(p);
    const step = f64x2.sub(x, isLast ? lastOf(q) : v128.load(q));
    const isFinite = f64x2.le(f64x2.abs(step), largest);
    most = f64x2.relaxed_max(x, most);
    longest = f64x2.relaxed_max(v128.bitselect(step, longest, isFinite), longest);
    shortest = f64x2.relaxed_min(v128.bitselect(step, shortest, isFinite), shortest);
    sum = f64x2.add(sum, v128.bitselect(step, none, isFinite));
    count = i64x2.sub(count, isFinite);
  }
  const steps = max<i64>(1, i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1));
  reference = isNormalized(kindP) ? largestOf(most) : 0;
  // a multiple of 2⁻¹⁶, so that t is exact where the logits were float32 or shorter
  offset = nearest<f64>((sumOf(sum) / <f64>steps) * 65536) / 65536;
  return abs(largestOf(most)) <= largestNumber && largestOf(longest) - offset <= 2 && offset - smallestOf(shortest) <= 2;
}

let massOfNear: f64 = 0;
/** What follows from the sums, for the divergences that need more than the total: log Σ p·exp(-t), by which d is more than t. */
export let stepOfNear: f64 = 0;
/** Σ p·exp(-t) - 1, and (1 + u)·log(1 + u) - u of it. */
let rest: f64 = 0;
let entropy: f64 = 0;

/**
 * The total. With Φ = Σ p·(t + exp(-t) - 1) and u = Σ p·exp(-t) - 1 it is Σ p·t + log(1 + u) = Φ - (u - log(1 + u)), whatever the offset
 * is. NaN where its digits are not sure.
 */
export function totalOfNear(): f64 {
  const sum = valueOf(sums);
  massOfNear = f64x2.extract_lane(sum, 0);
  const phi = phis / massOfNear;
  rest = -f64x2.extract_lane(sum, 1) / massOfNear;
  if (isFar || !(abs(rest) <= 0.5)) return NaN;
  entropy = f64x2.extract_lane(entropyOf(f64x2.splat(rest)), 0);
  const excess = (rest * rest - entropy) / (1 + rest);
  const total = phi - excess;
  stepOfNear = rest - excess;
  const logMasses = offset - stepOfNear;
  // where the sides differ by a large offset, t has been rounded like it
  const least = areNormalized() ? 2.0 ** -10 : 2.0 ** -20;
  const isExact = total >= 2.0 ** -4 * phi && total >= least * offset * offset && total >= 2.0 ** -30;
  if (!isExact) return NaN;
  settlePeaks(reference, reference);
  setMasses(massOfNear, logMasses);
  return areNormalized() ? total : totalAsSent(total, phi, logMasses);
}

/** Σ √(p·q) times this is the sum of what is kept. */
export function meanMassOfNear(): f64 {
  return massOfNear * sqrt(1 + rest);
}

/** The total where one side is log-probabilities, which are used as they stand. */
function totalAsSent(normalised: f64, phi: f64, logMasses: f64): f64 {
  const logP = logRatioOf(massOfNear, 1) + reference;
  const logQ = logP - logMasses;
  if (!isNormalized(kindQ) && !(abs(logQ) <= 1)) return NaN;
  const massQ = isNormalized(kindQ) ? 1 : f64x2.extract_lane(exponential(f64x2.splat(logQ)), 0);
  const total = asTheyStand(normalised, massOfNear, logP, logQ);
  return isSure(total, phi) && arePlain(total, massOfNear, massQ) ? total : NaN;
}

/** How many outcomes are kept: all of a row, or none. */
export function keptOfNear(): i32 {
  return keeps ? kept : 0;
}

/**
 * D(Q ‖ P), after the total. With Ψ = Σ p·(1 - (1 + t)·exp(-t)) it is (Ψ + u) / (1 + u) - log(1 + u). NaN where its digits are not sure.
 */
export function reverseOfNear(): f64 {
  const psi = otherPhis / massOfNear;
  const reverse = (psi - entropy) / (1 + rest);
  return reverse >= 2.0 ** -4 * psi ? reverse : NaN;
}
