import { exponential, power, roughPower } from '../math/exponential';
import { logRatio, logRatioOf } from '../math/logarithm';
import { lastOf, lostIn, once, run, sumOf, sumsOf } from '../math/simd';
import { areNormalised, isNormalised, kindP, kindQ } from '../sides';
import { logProbs } from '../steps';
import { peakP, peakQ } from './logits-range';

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
export let normP: f64 = 1;
export let normQ: f64 = 1;
export let logNorms: f64 = 0;
/** log massP + log massQ */
let logBoth: f64 = 0;

export function beginLogits(): void {
  masses = massesLost = products = productsLost = otherProducts = otherProductsLost = f64x2.splat(0);
}

/** Adds n outcomes. Where it keeps their exponentials, it writes them to `toP` and `toQ`. */
export function addLogits(p: usize, q: usize, n: i32, keeps: bool, toP: usize, toQ: usize): void {
  const shiftP = f64x2.splat(peakP);
  const shiftQ = f64x2.splat(peakQ);
  // the mass of Q is only compared with 1 where it is used as it stands
  const isRough = kindQ === logProbs;
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
      const mass = keeps ? exponential(x) : power(x);
      const massOfQ = keeps ? exponential(y) : isRough ? roughPower(y) : power(y);
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
export function useAsSent(logMassP: f64, logMassQ: f64): void {
  if (!isNormalised(kindP)) normP = 1;
  if (!isNormalised(kindQ)) normQ = 1;
  logNorms = (isNormalised(kindP) ? logMassP : 0) - (isNormalised(kindQ) ? logMassQ : 0);
}

/** Divides both sides by their masses, as `refineLogits` in `logits-terms.ts` needs it. */
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
