import { addTo, clearSum, sumAlign, sumBytes, valueOf } from '../math/compensated';
import { exponential } from '../math/exponential';
import { powers, roughPowers } from '../math/exponentials';
import { logRatio, logRatioOf } from '../math/logarithm';
import { lastOf, run, sumOf, sumsOf } from '../math/simd';
import { areNormalized, isNormalized, kindP, kindQ } from '../sides';
import { logProbs } from '../steps';
import { peakP, peakQ } from './logits-range';

// with a = x - peak ≤ 0: Σ exp(a) of P and of Q, Σ exp(a_p)·a_p and Σ exp(a_p)·a_q; of several divergences Σ exp(a_q)·a_p and
// Σ exp(a_q)·a_q too
const masses: usize = memory.data(sumBytes, sumAlign);
const products: usize = memory.data(sumBytes, sumAlign);
const otherProducts: usize = memory.data(sumBytes, sumAlign);
export let massP: f64 = 0;
export let massQ: f64 = 0;
/** What the exponentials of each side are divided by for p and q, and log normP - log normQ. */
export let normP: f64 = 1;
export let normQ: f64 = 1;
export let logNorms: f64 = 0;
/** log massP + log massQ */
let logBoth: f64 = 0;

export function beginLogits(): void {
  clearSum(masses);
  clearSum(products);
  clearSum(otherProducts);
}

/** Adds n outcomes, whose exponentials it writes to `toP` and `toQ`. @param isFamily whether D(Q ‖ P) is wanted too */
export function addLogits(p: usize, q: usize, n: i32, isFamily: bool, toP: usize, toQ: usize): void {
  powers(p, toP, n, peakP);
  // the mass of Q is only compared with 1 where it is used as it stands
  if (kindQ === logProbs) roughPowers(q, toQ, n, peakQ);
  else powers(q, toQ, n, peakQ);
  const shiftP = f64x2.splat(peakP);
  const shiftQ = f64x2.splat(peakQ);
  let sumP = f64x2.splat(0);
  let sumQ = f64x2.splat(0);
  let productP = f64x2.splat(0);
  let productQ = f64x2.splat(0);
  let otherP = f64x2.splat(0);
  let otherQ = f64x2.splat(0);
  const end = p + (n << 3);
  while (p < end) {
    const stop = min(p + run, end);
    let runP = f64x2.splat(0);
    let runQ = f64x2.splat(0);
    let runProductP = f64x2.splat(0);
    let runProductQ = f64x2.splat(0);
    let runOtherP = f64x2.splat(0);
    let runOtherQ = f64x2.splat(0);
    for (; p < stop; p += 16, q += 16, toP += 16, toQ += 16) {
      const isLast = p + 8 === end;
      const x = f64x2.sub(isLast ? lastOf(p) : v128.load(p), shiftP);
      const y = f64x2.sub(isLast ? lastOf(q) : v128.load(q), shiftQ);
      const mass = v128.load(toP);
      const massOfQ = v128.load(toQ);
      runP = f64x2.add(runP, mass);
      runQ = f64x2.add(runQ, massOfQ);
      runProductP = f64x2.relaxed_madd(mass, x, runProductP);
      runProductQ = f64x2.relaxed_madd(mass, y, runProductQ);
      if (!isFamily) continue;
      runOtherP = f64x2.relaxed_madd(massOfQ, x, runOtherP);
      runOtherQ = f64x2.relaxed_madd(massOfQ, y, runOtherQ);
    }
    sumP = f64x2.add(sumP, runP);
    sumQ = f64x2.add(sumQ, runQ);
    productP = f64x2.add(productP, runProductP);
    productQ = f64x2.add(productQ, runProductQ);
    otherP = f64x2.add(otherP, runOtherP);
    otherQ = f64x2.add(otherQ, runOtherQ);
  }
  addTo(masses, sumsOf(sumP, sumQ));
  addTo(products, sumsOf(productP, productQ));
  if (isFamily) addTo(otherProducts, sumsOf(otherP, otherQ));
}

/** The total, from D(P ‖ Q) = (Σ exp(a_p)·(a_p - a_q) - massP·(log normP - log normQ)) / normP. */
export function totalOfLogits(): f64 {
  const sum = valueOf(masses);
  massP = f64x2.extract_lane(sum, 0);
  massQ = f64x2.extract_lane(sum, 1);
  const p = f64x2.replace_lane(sum, 1, massP * massQ);
  const logs = logRatio(p, f64x2.replace_lane(f64x2.splat(massQ), 1, 1));
  normP = massP;
  normQ = massQ;
  logNorms = f64x2.extract_lane(logs, 0);
  logBoth = f64x2.extract_lane(logs, 1);
  if (!areNormalized()) useAsSent((logBoth + logNorms) / 2, (logBoth - logNorms) / 2);
  const product = valueOf(products);
  return (f64x2.extract_lane(product, 0) - f64x2.extract_lane(product, 1)) / normP - logNorms * (massP / normP);
}

/** What the total needs of a row is known: Σ exp(x - peak) of P, and by how much the logarithm of it is more than that of Q. */
export function setMasses(ofP: f64, logarithms: f64): void {
  massP = normP = ofP;
  logNorms = logarithms;
  massQ = normQ = ofP * f64x2.extract_lane(exponential(f64x2.splat(-logarithms)), 0);
  if (areNormalized()) return;
  const log = logRatioOf(ofP, 1);
  useAsSent(log, log - logarithms);
}

/** Takes both sides as they stand. */
export function takeAsTheyStand(): void {
  massP = massQ = normP = normQ = 1;
  logNorms = 0;
}

/** Takes log-probabilities as they stand, which begin at 0. */
export function useAsSent(logMassP: f64, logMassQ: f64): void {
  if (!isNormalized(kindP)) normP = 1;
  if (!isNormalized(kindQ)) normQ = 1;
  logNorms = (isNormalized(kindP) ? logMassP : 0) - (isNormalized(kindQ) ? logMassQ : 0);
}

/** Divides both sides by their masses, as `refineLogits` in `logits-terms.ts` needs it. */
export function normalizeBoth(): void {
  normP = massP;
  normQ = massQ;
  logNorms = logRatioOf(massP, massQ);
}

/** D(Q ‖ P), after the total, where the exponentials were kept. */
export function reverseOfLogits(): f64 {
  const product = valueOf(otherProducts);
  return (f64x2.extract_lane(product, 1) - f64x2.extract_lane(product, 0)) / massQ + logNorms;
}

/** -Σ p·log p, after the total, of which no part is below 0. */
export function entropyOfP(): f64 {
  return (logBoth + logNorms) / 2 - f64x2.extract_lane(valueOf(products), 0) / massP;
}

/** -Σ q·log q, where the exponentials were kept. */
export function entropyOfQ(): f64 {
  return (logBoth - logNorms) / 2 - f64x2.extract_lane(valueOf(otherProducts), 1) / massQ;
}

/** A bound of what was added up to D(Q ‖ P), and so of its rounding error in units of 2⁻⁵³. */
export function partsOfReverse(): f64 {
  return 1 + logBoth - sumOf(valueOf(otherProducts)) / massQ;
}

/** A bound of what was added up to the total, and so of its rounding error in units of 2⁻⁵³. */
export function partsOfLogits(): f64 {
  return 1 + logBoth - sumOf(valueOf(products)) / massP;
}
