import { highOfLogs, highOfMasses, logarithmsOf, lowOfLogs, lowOfMasses, massesOf } from './block';
import { computedP, computedQ, filledP, filledQ } from './layout';
import { areLikely, fill, hasMass, setPeaks } from './masked';
import { addTo, clearSum, sumAlign, sumBytes, valueOf } from './math/compensated';
import { exponential } from './math/exponential';
import { logRatio, logRatioOf } from './math/logarithm';
import { lastOf, once, sumsOf } from './math/simd';
import { arePlain, isLog, isNormalised, kindP, kindQ, pseudocountP, pseudocountQ } from './sides';
import { logProbs } from './steps';
import { largestAmong } from './top-one';

// one side is logarithms and the other masses: of each outcome one exponential and one logarithm are computed

/** Of the domain of the kinds, and of what is a normal number with room to add up. */
const largestMass: f64 = 1e270;
const smallestMass: f64 = 2.0 ** -1000;
const highestLog: f64 = 600;
const lowestLog: f64 = -690;

/** What is taken off logits: a large one at the beginning of the row; nothing is off log-probabilities. */
let reference: f64 = 0;
let isBegun: bool = false;
/** How many outcomes there are. From so many on their rounding errors cancel to a tenth. */
let count: i32 = 0;
const many: i32 = 4096;
// with w the mass of an outcome of P, and logs l without `reference`: Σ w of both sides, Σ w·(l_p - l_q) and Σ w·(|l_p| + |l_q|)
const masses: usize = memory.data(sumBytes, sumAlign);
const products: usize = memory.data(sumBytes, sumAlign);
let blockMasses: v128 = f64x2.splat(0);
let blockProducts: v128 = f64x2.splat(0);
/** The extrema of the logarithms without `reference`, and of the masses without pseudocounts. */
let lowLog: f64 = 0;
let highLog: f64 = 0;
let lowMass: f64 = 0;
let highMass: f64 = 0;
let massP: f64 = 0;
let massQ: f64 = 0;
let normP: f64 = 1;
let normQ: f64 = 1;
let logNorms: f64 = 0;

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
    isFilled = fills && !(lowOfLogs >= lowestLog && lowOfMasses + pseudocountP + pseudocountQ > 0);
  }
  if (isFilled) {
    fill(p, q, n);
    sumBlock(filledP, filledQ, n);
  }
  lowLog = min(lowLog, lowOfLogs);
  highLog = max(highLog, highOfLogs);
  lowMass = min(lowMass, lowOfMasses);
  highMass = max(highMass, highOfMasses);
  addTo(masses, blockMasses);
  addTo(products, blockProducts);
}

function begin(logs: usize, n: i32): void {
  isBegun = true;
  const most = isNormalised(isLog(kindP) ? kindP : kindQ) ? largestAmong(logs, n) : 0;
  reference = abs(most) <= largestMass ? most : 0;
  setPeaks(reference, reference);
}

function sumBlock(p: usize, q: usize, n: i32): void {
  if (isLog(kindP)) {
    massesOf(p, computedP, n, reference, false);
    logarithmsOf(q, computedQ, n, pseudocountQ);
    sumPairs(computedP, 0, p, reference, q, pseudocountQ, computedQ, 0, n);
  } else {
    logarithmsOf(p, computedP, n, pseudocountP);
    // the mass of Q is only compared with 1 where it is used as it stands
    massesOf(q, computedQ, n, reference, kindQ === logProbs);
    sumPairs(p, pseudocountP, computedP, 0, computedQ, 0, q, reference, n);
  }
}

/** Sums of masses at p and q, to which something is added, and of logarithms at lp and lq, from which something is taken. */
function sumPairs(p: usize, more: f64, lp: usize, lessP: f64, q: usize, moreQ: f64, lq: usize, lessQ: f64, n: i32): void {
  const addedP = f64x2.splat(more);
  const addedQ = f64x2.splat(moreQ);
  const shiftP = f64x2.splat(lessP);
  const shiftQ = f64x2.splat(lessQ);
  let sumP = f64x2.splat(0);
  let sumQ = f64x2.splat(0);
  let product = f64x2.splat(0);
  let magnitude = f64x2.splat(0);
  const end = p + (n << 3);
  for (; p < end; p += 16, q += 16, lp += 16, lq += 16) {
    const isLast = p + 8 === end;
    const massOfP = f64x2.add(v128.load(p), addedP);
    const massOfQ = f64x2.add(v128.load(q), addedQ);
    const mass = isLast ? once(massOfP) : massOfP;
    const logP = f64x2.sub(isLast ? lastOf(lp) : v128.load(lp), shiftP);
    const logQ = f64x2.sub(isLast ? lastOf(lq) : v128.load(lq), shiftQ);
    sumP = f64x2.add(sumP, mass);
    sumQ = f64x2.add(sumQ, isLast ? once(massOfQ) : massOfQ);
    product = f64x2.relaxed_madd(mass, f64x2.sub(logP, logQ), product);
    magnitude = f64x2.relaxed_madd(mass, f64x2.add(f64x2.abs(logP), f64x2.abs(logQ)), magnitude);
  }
  blockMasses = sumsOf(sumP, sumQ);
  blockProducts = sumsOf(product, magnitude);
}

/**
 * The total, from D(P ‖ Q) = (Σ w·(l_p - l_q) - massP·(log normP - log normQ)) / normP. NaN where a number is out of the range in which this holds,
 * where the definition has something to report, and where too many digits are lost.
 */
export function totalOfMixed(): f64 {
  const sum = valueOf(masses);
  massP = f64x2.extract_lane(sum, 0);
  massQ = f64x2.extract_lane(sum, 1);
  normP = isNormalised(kindP) ? massP : 1;
  normQ = isNormalised(kindQ) ? massQ : 1;
  const logP = logRatioOf(normP, 1);
  const logQ = logRatioOf(normQ, 1);
  logNorms = logP - logQ;
  const both = valueOf(products);
  const total = f64x2.extract_lane(both, 0) / normP - logNorms * (massP / normP);
  const parts = 1 + abs(logP) + abs(logQ) + f64x2.extract_lane(both, 1) / normP;
  return areInRange() && total >= (count >= many ? 2.0 ** -15 : 2.0 ** -12) * parts && arePlain(total, massP, massQ) ? total : NaN;
}

function areInRange(): bool {
  const sumOfMasses = isLog(kindP) ? normQ : normP;
  return (
    lowLog >= lowestLog &&
    highLog <= highestLog &&
    abs(reference) <= largestMass &&
    lowMass >= 0 &&
    lowMass + pseudocountP + pseudocountQ >= smallestMass * max<f64>(1, sumOfMasses) &&
    highMass <= largestMass &&
    hasMass(kindP, massP) &&
    hasMass(kindQ, massQ) &&
    sumOfMasses <= largestMass
  );
}

/** Writes n terms p·(log p - log q). */
export function writeMixed(p: usize, q: usize, out: usize, n: i32): void {
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16, out += 16) v128.store(out, termOf(v128.load(p), v128.load(q)));
  if (n & 1) v128.store64_lane(out, termOf(lastOf(p), lastOf(q)), 0);
}

function termOf(x: v128, y: v128): v128 {
  const isLogP = isLog(kindP);
  const shift = f64x2.splat(reference);
  const one = f64x2.splat(1);
  const ofP = isLogP ? f64x2.sub(x, shift) : f64x2.add(x, f64x2.splat(pseudocountP));
  const ofQ = isLogP ? f64x2.add(y, f64x2.splat(pseudocountQ)) : f64x2.sub(y, shift);
  const mass = isLogP ? exponential(ofP) : ofP;
  const d = isLogP ? f64x2.sub(ofP, logRatio(ofQ, one)) : f64x2.sub(logRatio(ofP, one), ofQ);
  return f64x2.mul(f64x2.div(mass, f64x2.splat(normP)), f64x2.sub(d, f64x2.splat(logNorms)));
}
