import { exponential } from './exponential';
import { generalisedTerm } from './generalized-term';
import { logRatio, logRatioOf } from './logarithm';
import { peakP, peakQ } from './logits-range';
import { areNormalised, asTheyStand, isNormalised, isSure, kindP, kindQ } from './sides';
import { largestOf, lastOf, lostIn, once, run, sumOf, sumsOf } from './simd';

// with a = x - peak ≤ 0: Σ exp(a) of P and of Q, Σ exp(a_p)·a_p and Σ exp(a_p)·a_q, and what rounding took from them; where the
// exponentials are kept, Σ exp(a_q)·a_p and Σ exp(a_q)·a_q too
let masses: v128 = f64x2.splat(0);
let massesLost: v128 = f64x2.splat(0);
let products: v128 = f64x2.splat(0);
let productsLost: v128 = f64x2.splat(0);
let otherProducts: v128 = f64x2.splat(0);
let otherProductsLost: v128 = f64x2.splat(0);
export let massP: f64 = 0;
export let massQ: f64 = 0;
/** What the exponentials of each side are divided by for p and q, and log normP - log normQ. */
let normP: f64 = 1;
let normQ: f64 = 1;
let logNorms: f64 = 0;
/** log massP + log massQ */
let logBoth: f64 = 0;
let refined: f64 = 0;
let largestTerm: f64 = 0;

export function beginLogits(): void {
  masses = massesLost = products = productsLost = otherProducts = otherProductsLost = f64x2.splat(0);
  refined = largestTerm = 0;
}

/** Adds n outcomes. Where it keeps their exponentials, it writes them to `toP` and `toQ`. */
export function addLogits(p: usize, q: usize, n: i32, keeps: bool, toP: usize, toQ: usize): void {
  const shiftP = f64x2.splat(peakP);
  const shiftQ = f64x2.splat(peakQ);
  let sumP = f64x2.splat(0);
  let sumQ = f64x2.splat(0);
  let productP = f64x2.splat(0);
  let productQ = f64x2.splat(0);
  let otherP = f64x2.splat(0);
  let otherQ = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  while (p < end) {
    const stop = min(p + run, end);
    let runP = f64x2.splat(0);
    let runQ = f64x2.splat(0);
    let runProductP = f64x2.splat(0);
    let runProductQ = f64x2.splat(0);
    let runOtherP = f64x2.splat(0);
    let runOtherQ = f64x2.splat(0);
    for (; p < stop; p += 16, q += 16) {
      const x = f64x2.sub(v128.load(p), shiftP);
      const y = f64x2.sub(v128.load(q), shiftQ);
      const mass = exponential(x);
      const massOfQ = exponential(y);
      runP = f64x2.add(runP, mass);
      runQ = f64x2.add(runQ, massOfQ);
      runProductP = f64x2.relaxed_madd(mass, x, runProductP);
      runProductQ = f64x2.relaxed_madd(mass, y, runProductQ);
      if (!keeps) continue;
      runOtherP = f64x2.relaxed_madd(massOfQ, x, runOtherP);
      runOtherQ = f64x2.relaxed_madd(massOfQ, y, runOtherQ);
      v128.store(toP, mass);
      v128.store(toQ, massOfQ);
      toP += 16;
      toQ += 16;
    }
    sumP = f64x2.add(sumP, runP);
    sumQ = f64x2.add(sumQ, runQ);
    productP = f64x2.add(productP, runProductP);
    productQ = f64x2.add(productQ, runProductQ);
    otherP = f64x2.add(otherP, runOtherP);
    otherQ = f64x2.add(otherQ, runOtherQ);
  }
  if (n & 1) {
    const x = f64x2.sub(lastOf(p), shiftP);
    const y = f64x2.sub(lastOf(q), shiftQ);
    const mass = once(exponential(x));
    sumP = f64x2.add(sumP, mass);
    const massOfQ = once(exponential(y));
    sumQ = f64x2.add(sumQ, massOfQ);
    productP = f64x2.relaxed_madd(mass, x, productP);
    productQ = f64x2.relaxed_madd(mass, y, productQ);
    otherP = f64x2.relaxed_madd(massOfQ, x, otherP);
    otherQ = f64x2.relaxed_madd(massOfQ, y, otherQ);
    if (keeps) {
      v128.store64_lane(toP, mass, 0);
      v128.store64_lane(toQ, massOfQ, 0);
    }
  }
  const more = sumsOf(sumP, sumQ);
  const sum = f64x2.add(masses, more);
  massesLost = f64x2.add(massesLost, lostIn(masses, more, sum));
  masses = sum;
  const moreProducts = sumsOf(productP, productQ);
  const product = f64x2.add(products, moreProducts);
  productsLost = f64x2.add(productsLost, lostIn(products, moreProducts, product));
  products = product;
  if (!keeps) return;
  const moreOther = sumsOf(otherP, otherQ);
  const other = f64x2.add(otherProducts, moreOther);
  otherProductsLost = f64x2.add(otherProductsLost, lostIn(otherProducts, moreOther, other));
  otherProducts = other;
}

/** The total, from D(P ‖ Q) = (Σ exp(a_p)·(a_p - a_q) - massP·(log normP - log normQ)) / normP. */
export function totalOfLogits(): f64 {
  const sum = f64x2.add(masses, massesLost);
  massP = f64x2.extract_lane(sum, 0);
  massQ = f64x2.extract_lane(sum, 1);
  const p = f64x2.replace_lane(sum, 1, massP * massQ);
  const logs = logRatio(p, f64x2.replace_lane(f64x2.splat(massQ), 1, 1));
  normP = massP;
  normQ = massQ;
  logNorms = f64x2.extract_lane(logs, 0);
  logBoth = f64x2.extract_lane(logs, 1);
  if (!areNormalised()) useAsSent((logBoth + logNorms) / 2, (logBoth - logNorms) / 2);
  const product = f64x2.add(products, productsLost);
  return (f64x2.extract_lane(product, 0) - f64x2.extract_lane(product, 1)) / normP - logNorms * (massP / normP);
}

/** What the total needs of a row is known: Σ exp(x - peak) of P, and by how much the logarithm of it is more than that of Q. */
export function setMasses(ofP: f64, logarithms: f64): void {
  massP = normP = ofP;
  logNorms = logarithms;
  massQ = normQ = ofP * f64x2.extract_lane(exponential(f64x2.splat(-logarithms)), 0);
  if (areNormalised()) return;
  const log = logRatioOf(ofP, 1);
  useAsSent(log, log - logarithms);
}

/** Takes log-probabilities as they stand, which begin at 0. */
function useAsSent(logMassP: f64, logMassQ: f64): void {
  if (!isNormalised(kindP)) normP = 1;
  if (!isNormalised(kindQ)) normQ = 1;
  logNorms = (isNormalised(kindP) ? logMassP : 0) - (isNormalised(kindQ) ? logMassQ : 0);
}

/** Divides both sides by their masses, as `refineLogits` needs it. */
export function normaliseBoth(): void {
  normP = massP;
  normQ = massQ;
  logNorms = logRatioOf(massP, massQ);
}

/** D(Q ‖ P), after the total, where the exponentials were kept. */
export function reverseOfLogits(): f64 {
  const product = f64x2.add(otherProducts, otherProductsLost);
  return (f64x2.extract_lane(product, 1) - f64x2.extract_lane(product, 0)) / massQ + logNorms;
}

/** The same bound of D(Q ‖ P). */
export function partsOfReverse(): f64 {
  return 1 + logBoth - sumOf(otherProducts) / massQ;
}

/** A bound of what was added up to the total, and so of its rounding error in units of 2⁻⁵³. */
export function partsOfLogits(): f64 {
  return 1 + logBoth - sumOf(products) / massP;
}

/** Adds n of the summands that lose no digits where P ≈ Q. */
export function refineLogits(p: usize, q: usize, n: i32): void {
  let sum = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) sum = f64x2.add(sum, refinedTerm(v128.load(p), v128.load(q)));
  if (n & 1) sum = f64x2.add(sum, once(refinedTerm(lastOf(p), lastOf(q))));
  refined += sumOf(sum);
}

/** The total, from the sum of the normalised sides, which is NaN where its digits are not sure. */
export function refinedLogits(): f64 {
  if (areNormalised()) return refined;
  const logP = logRatioOf(massP, 1);
  const logQ = logRatioOf(massQ, 1);
  useAsSent(logP, logQ);
  const total = asTheyStand(refined, massP, logP, logQ);
  return isSure(total, refined) ? total : NaN;
}

function refinedTerm(x: v128, y: v128): v128 {
  const p = f64x2.div(exponential(f64x2.sub(x, f64x2.splat(peakP))), f64x2.splat(normP));
  const q = f64x2.div(exponential(f64x2.sub(y, f64x2.splat(peakQ))), f64x2.splat(normQ));
  return generalisedTerm(p, q, logRatioOfLogits(x, y));
}

/** log p - log q, with what the subtraction of the peaks rounds away put back as in `src/core/log-ratio.ts`. */
export function logRatioOfLogits(x: v128, y: v128): v128 {
  const shiftP = f64x2.splat(-peakP);
  const shiftQ = f64x2.splat(-peakQ);
  const a = f64x2.add(x, shiftP);
  const b = f64x2.add(y, shiftQ);
  const lost = f64x2.sub(lostIn(x, shiftP, a), lostIn(y, shiftQ, b));
  return f64x2.sub(f64x2.add(f64x2.sub(a, b), lost), f64x2.splat(logNorms));
}

/** Writes n terms p·(log p - log q). */
export function writeLogits(p: usize, q: usize, out: usize, n: i32): void {
  let largest = f64x2.splat(largestTerm);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16, out += 16) {
    const term = termOfLogits(v128.load(p), v128.load(q));
    largest = f64x2.relaxed_max(f64x2.abs(term), largest);
    v128.store(out, term);
  }
  if (n & 1) {
    const term = termOfLogits(lastOf(p), lastOf(q));
    largest = f64x2.relaxed_max(f64x2.abs(term), largest);
    v128.store64_lane(out, term, 0);
  }
  largestTerm = largestOf(largest);
}

function termOfLogits(x: v128, y: v128): v128 {
  const p = f64x2.div(exponential(f64x2.sub(x, f64x2.splat(peakP))), f64x2.splat(normP));
  return f64x2.mul(p, logRatioOfLogits(x, y));
}

/** Whether the error of `logNorms`, which the largest p carries into its term, is small beside the largest term. */
export function areTermsOfLogitsExact(): bool {
  return largestTerm * massP >= 2.0 ** -5;
}
