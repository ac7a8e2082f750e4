import { addMore, blockMasses, blockProducts, highOfLogs, highOfMasses, lowOfLogs, lowOfMasses, sumOutcomes } from './block';
import { computedP, computedQ, filledP, filledQ, pairs } from './layout';
import { areLikely, fillMasked, hasMass, setPeaks } from './masked';
import { addTo, clearSum, sumAlign, sumBytes, valueOf } from './math/compensated';
import { exponentials, roughPowers } from './math/exponentials';
import { logRatioOf } from './math/logarithm';
import { logarithms } from './math/logarithms';
import { arePlain, isLog, isNormalized, kindP, kindQ, largestNumber, pseudocountP, pseudocountQ } from './sides';
import { logProbs } from './steps';
import { largestAmong } from './top-one';

// one side is logarithms and the other masses: of each outcome one exponential and one logarithm are computed

/** Of what is a normal number with room to add up. */
const smallestMass: f64 = 2.0 ** -1000;
const highestLog: f64 = 600;
const lowestLog: f64 = -690;

/** What is taken off logits: a large one at the beginning of the row; nothing is off log-probabilities. */
let reference: f64 = 0;
let isBegun: bool = false;
/** How many outcomes there are. From so many on their rounding errors cancel to a tenth. */
let count: i32 = 0;
const many: i32 = 4096;
// the sums of `block.ts`
const masses: usize = memory.data(sumBytes, sumAlign);
const products: usize = memory.data(sumBytes, sumAlign);
/** The extrema of the logarithms without `reference`, and of the masses: the lowest without pseudocount, the highest with it. */
let lowLog: f64 = 0;
let highLog: f64 = 0;
let lowMass: f64 = 0;
let highMass: f64 = 0;
/** The lowest mass of the block without pseudocount. */
let lowOfBlock: f64 = 0;
export let massP: f64 = 0;
let massQ: f64 = 0;
let normP: f64 = 1;
let normQ: f64 = 1;
let logNorms: f64 = 0;
/** Sums that take the rounding of a logarithm as it is have their digits from here on, those that Q weighs too. */
export let leastOfMixed: f64 = 0;

export function beginMixed(): void {
  isBegun = false;
  count = 0;
  reference = 0;
  clearSum(masses);
  clearSum(products);
  lowLog = lowMass = Infinity;
  highLog = highMass = -Infinity;
}

/** Adds a block of n outcomes. @param fills whether outcomes without mass are passed over */
export function addMixed(p: usize, q: usize, n: i32, fills: bool): void {
  if (!isBegun) begin(isLog(kindP) ? p : q, n);
  count += n;
  let isFilled = fills && areLikely;
  if (!isFilled) {
    sumBlock(p, q, n);
    isFilled = fills && !(lowOfLogs >= lowestLog && lowOfMasses > 0);
  }
  if (isFilled) {
    fillMasked(p, q, n);
    sumBlock(filledP, filledQ, n);
  }
  lowLog = min(lowLog, lowOfLogs);
  highLog = max(highLog, highOfLogs);
  lowMass = min(lowMass, lowOfBlock);
  highMass = max(highMass, highOfMasses);
  addTo(masses, blockMasses);
  addTo(products, blockProducts);
}

function begin(logs: usize, n: i32): void {
  isBegun = true;
  const most = isNormalized(isLog(kindP) ? kindP : kindQ) ? largestAmong(logs, n) : 0;
  reference = abs(most) <= largestNumber ? most : 0;
  setPeaks(reference, reference);
}

function sumBlock(p: usize, q: usize, n: i32): void {
  const isLogP = isLog(kindP);
  const logs = isLogP ? p : q;
  const pseudocount = pseudocountP + pseudocountQ;
  let shares = isLogP ? q : p;
  let low: f64 = Infinity;
  if (pseudocount !== 0) {
    low = addMore(shares, pairs, n, pseudocount);
    shares = pairs;
  }
  // the mass of Q is only compared with 1 where it is used as it stands
  if (kindQ === logProbs) roughPowers(logs, computedP, n, reference);
  else exponentials(logs, computedP, n, reference);
  logarithms(shares, computedQ, n);
  sumOutcomes(logs, shares, isLogP ? computedP : shares, n, reference);
  lowOfBlock = min(low, lowOfMasses);
}

/**
 * The total, from D(P ‖ Q) = (Σ w·(l_p - l_q) - massP·(log normP - log normQ)) / normP, w the mass of an outcome of P and l the logarithms
 * without `reference`. NaN where a number is out of the range in which this holds, where the definition has something to report, and where
 * too many digits are lost.
 */
export function totalOfMixed(): f64 {
  const isLogP = isLog(kindP);
  const sum = valueOf(masses);
  massP = isLogP ? f64x2.extract_lane(sum, 0) : f64x2.extract_lane(sum, 1);
  massQ = isLogP ? f64x2.extract_lane(sum, 1) : f64x2.extract_lane(sum, 0);
  normP = isNormalized(kindP) ? massP : 1;
  normQ = isNormalized(kindQ) ? massQ : 1;
  const logP = isNormalized(kindP) ? logRatioOf(massP, 1) : 0;
  const logQ = isNormalized(kindQ) ? logRatioOf(massQ, 1) : 0;
  logNorms = logP - logQ;
  const both = valueOf(products);
  const product = f64x2.extract_lane(both, 0);
  const logs = f64x2.extract_lane(both, 1);
  const total = (isLogP ? product : -product) / normP - logNorms * (massP / normP);
  const sizes = sizeOf(product + logs, lowLog, highLog) + sizeOf(logs, exponentOf(lowMass), exponentOf(highMass) + 1);
  const parts = 1 + abs(logP) + abs(logQ) + sizes / normP;
  const share = count >= many ? 2.0 ** -15 : 2.0 ** -12;
  leastOfMixed = share * (parts + exponentOf(<f64>count) + 1);
  return areInRange() && total >= share * parts && arePlain(total, massP, massQ) ? total : NaN;
}

/** A bound of Σ w·|l|, from Σ w·l and bounds of l. */
function sizeOf(sum: f64, low: f64, high: f64): f64 {
  return min(2 * massP * max<f64>(0, high) - sum, sum - 2 * massP * min<f64>(0, low));
}

/** The integer below log x, or less. */
function exponentOf(x: f64): f64 {
  return Math.LN2 * <f64>(<i32>(reinterpret<u64>(x) >> 52) - 1023);
}

function areInRange(): bool {
  const sumOfMasses = isLog(kindP) ? normQ : normP;
  return (
    lowLog >= lowestLog &&
    highLog <= highestLog &&
    abs(reference) <= largestNumber &&
    lowMass >= 0 &&
    lowMass + pseudocountP + pseudocountQ >= smallestMass * max<f64>(1, sumOfMasses) &&
    highMass <= largestNumber &&
    hasMass(kindP, massP) &&
    hasMass(kindQ, massQ) &&
    sumOfMasses <= largestNumber
  );
}

/** Writes n terms p·(log p - log q). */
export function writeMixed(p: usize, q: usize, out: usize, n: i32): void {
  writeOutcomes(p, q, n);
  let at = computedP;
  for (const end = at + ((n & -2) << 3); at < end; at += 16, out += 16) v128.store(out, termAt(at));
  if (n & 1) v128.store64_lane(out, termAt(at), 0);
}

function termAt(at: usize): v128 {
  return f64x2.mul(v128.load(at), v128.load(at, computedQ - computedP));
}

/**
 * Writes p of n outcomes, where the sums are known, to `computedP`, and log p - log q to `computedQ`; behind an odd number of them 0, and
 * the last once more.
 */
export function writeOutcomes(p: usize, q: usize, n: i32): void {
  const isLogP = isLog(kindP);
  let logs = isLogP ? p : q;
  let shares = isLogP ? q : p;
  const pseudocount = pseudocountP + pseudocountQ;
  if (pseudocount !== 0) {
    addMore(shares, filledQ, n, pseudocount);
    shares = filledQ;
  }
  if (isLogP) exponentials(logs, computedP, n, reference);
  logarithms(shares, computedQ, n);
  const shift = f64x2.splat(reference);
  const norms = f64x2.splat(logNorms);
  const scale = f64x2.splat(1 / normP);
  let at = computedP;
  for (const end = at + (n << 3); at < end; at += 16, logs += 16, shares += 16) {
    const x = f64x2.sub(v128.load(logs), shift);
    const log = v128.load(at, computedQ - computedP);
    const d = isLogP ? f64x2.sub(x, log) : f64x2.sub(log, x);
    v128.store(at, f64x2.mul(isLogP ? v128.load(at) : v128.load(shares), scale));
    v128.store(at, f64x2.sub(d, norms), computedQ - computedP);
  }
  if ((n & 1) === 0) return;
  store<f64>(at - 8, 0);
  store<f64>(at - 8, load<f64>(at - 16, computedQ - computedP), computedQ - computedP);
}
