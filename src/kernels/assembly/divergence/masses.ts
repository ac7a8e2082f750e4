import { filledP, filledQ } from './layout';
import { areLikely, fillMasked, hasMass } from './masked';
import { addTo, clearSum, sumAlign, sumBytes, valueOf } from './math/compensated';
import { logRatio, logRatioOf } from './math/logarithm';
import { largestOf, lastOf, once, run, smallestOf, sumsOf } from './math/simd';
import { sumOfRefined } from './refined-counts';
import { areNormalized, asTheyStand, isNormalized, isSure, kindP, kindQ, largestNumber, pseudocountP, pseudocountQ } from './sides';

/** Smaller numbers, or shares of a sum, are left to the definition. */
const smallest: f64 = 2.0 ** -1000;

// Σ p and Σ q, Σ p·log(p / q) and Σ |p·log(p / q)|
const masses: usize = memory.data(sumBytes, sumAlign);
const products: usize = memory.data(sumBytes, sumAlign);
export let massP: f64 = 0;
export let massQ: f64 = 0;
let lowP: f64 = 0;
let lowQ: f64 = 0;
/** What the numbers of each side are divided by for p and q: the sum of counts, and 1 for probabilities. */
let normP: f64 = 1;
let normQ: f64 = 1;
/** log normP - log normQ */
let logNorms: f64 = 0;
let refined: f64 = 0;
let largestTerm: f64 = 0;
let largestP: f64 = 0;
let blockMasses: v128 = f64x2.splat(0);
let blockProducts: v128 = f64x2.splat(0);
let blockLowP: f64 = 0;
let blockLowQ: f64 = 0;

export function beginMasses(): void {
  clearSum(masses);
  clearSum(products);
  refined = largestTerm = largestP = 0;
  lowP = lowQ = Infinity;
}

/** Adds a block of n outcomes. @param fills whether outcomes without mass are passed over */
export function addMasses(p: usize, q: usize, n: i32, fills: bool): void {
  let isFilled = fills && areLikely;
  if (!isFilled) {
    sumBlock(p, q, n);
    isFilled = fills && !(blockLowP + pseudocountP > 0 && blockLowQ + pseudocountQ > 0);
  }
  if (isFilled) {
    fillMasked(p, q, n);
    sumBlock(filledP, filledQ, n);
  }
  lowP = min(lowP, blockLowP);
  lowQ = min(lowQ, blockLowQ);
  addTo(masses, blockMasses);
  addTo(products, blockProducts);
}

function sumBlock(p: usize, q: usize, n: i32): void {
  const pseudocountsP = f64x2.splat(pseudocountP);
  const pseudocountsQ = f64x2.splat(pseudocountQ);
  let sumP = f64x2.splat(0);
  let sumQ = f64x2.splat(0);
  let product = f64x2.splat(0);
  let magnitude = f64x2.splat(0);
  let lowestP = f64x2.splat(Infinity);
  let lowestQ = f64x2.splat(Infinity);
  const end = p + ((n & -2) << 3);
  while (p < end) {
    const stop = min(p + run, end);
    let runP = f64x2.splat(0);
    let runQ = f64x2.splat(0);
    let runProduct = f64x2.splat(0);
    for (; p < stop; p += 16, q += 16) {
      const countP = v128.load(p);
      const countQ = v128.load(q);
      const x = f64x2.add(countP, pseudocountsP);
      const y = f64x2.add(countQ, pseudocountsQ);
      runP = f64x2.add(runP, x);
      runQ = f64x2.add(runQ, y);
      lowestP = f64x2.relaxed_min(countP, lowestP);
      lowestQ = f64x2.relaxed_min(countQ, lowestQ);
      const term = f64x2.mul(x, logRatio(x, y));
      runProduct = f64x2.add(runProduct, term);
      magnitude = f64x2.add(magnitude, f64x2.abs(term));
    }
    sumP = f64x2.add(sumP, runP);
    sumQ = f64x2.add(sumQ, runQ);
    product = f64x2.add(product, runProduct);
  }
  if (n & 1) {
    const countP = lastOf(p);
    const countQ = lastOf(q);
    const x = f64x2.add(countP, pseudocountsP);
    const y = f64x2.add(countQ, pseudocountsQ);
    sumP = f64x2.add(sumP, once(x));
    sumQ = f64x2.add(sumQ, once(y));
    lowestP = f64x2.relaxed_min(countP, lowestP);
    lowestQ = f64x2.relaxed_min(countQ, lowestQ);
    const term = once(f64x2.mul(x, logRatio(x, y)));
    product = f64x2.add(product, term);
    magnitude = f64x2.add(magnitude, f64x2.abs(term));
  }
  blockLowP = smallestOf(lowestP);
  blockLowQ = smallestOf(lowestQ);
  blockMasses = sumsOf(sumP, sumQ);
  blockProducts = sumsOf(product, magnitude);
}

/** Takes the sums together once all pieces are added. */
export function endMasses(): void {
  const sum = valueOf(masses);
  massP = f64x2.extract_lane(sum, 0);
  massQ = f64x2.extract_lane(sum, 1);
}

/** Whether no number is below 0, and none, no share of a sum and no scaled count of `sumOfRefined` is 0 or nearly so, or overflows. */
export function areInRange(): bool {
  if (!(isInRange(kindP, lowP, pseudocountP, massP) && isInRange(kindQ, lowQ, pseudocountQ, massQ))) return false;
  return !areNormalized() || (lowQ + pseudocountQ) * (massP / massQ) >= smallest;
}

function isInRange(kind: i32, low: f64, pseudocount: f64, mass: f64): bool {
  return (
    hasMass(kind, mass) && low >= 0 && mass <= largestNumber && low + pseudocount >= smallest * (isNormalized(kind) ? max<f64>(1, mass) : 1)
  );
}

/** The total, from D(P ‖ Q) = (Σ x·log(x / y) - massP·(log normP - log normQ)) / normP, x and y the numbers as they were sent. */
export function totalOfMasses(): f64 {
  normP = isNormalized(kindP) ? massP : 1;
  normQ = isNormalized(kindQ) ? massQ : 1;
  logNorms = logRatioOf(normP, normQ);
  return f64x2.extract_lane(valueOf(products), 0) / normP - logNorms * (massP / normP);
}

/** A bound of what was added up to the total, and so of its rounding error in units of 2⁻⁵³. */
export function partsOfMasses(): f64 {
  const parts = f64x2.extract_lane(valueOf(products), 1) / normP;
  return isNormalized(kindP) || isNormalized(kindQ) ? parts + abs(logNorms) + 1 : parts;
}

/** Adds n of the summands that lose no digits where P ≈ Q. */
export function refineMasses(p: usize, q: usize, n: i32): void {
  refined += sumOfRefined(p, q, n, massP, massQ);
}

/** The total, from the sum of the normalised sides, which is NaN where its digits are not sure. */
export function refinedMasses(): f64 {
  if (areNormalized()) return refined;
  const total = asTheyStand(refined, massP, logRatioOf(massP, 1), logRatioOf(massQ, 1));
  return isSure(total, refined) ? total : NaN;
}

/** Writes n terms p·(log p - log q). */
export function writeMasses(p: usize, q: usize, out: usize, n: i32): void {
  const pseudocountsP = f64x2.splat(pseudocountP);
  const pseudocountsQ = f64x2.splat(pseudocountQ);
  let largest = f64x2.splat(largestTerm);
  let highest = f64x2.splat(largestP);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16, out += 16) {
    const x = f64x2.add(v128.load(p), pseudocountsP);
    const term = termOf(x, f64x2.add(v128.load(q), pseudocountsQ));
    highest = f64x2.relaxed_max(x, highest);
    largest = f64x2.relaxed_max(f64x2.abs(term), largest);
    v128.store(out, term);
  }
  if (n & 1) {
    const x = f64x2.add(lastOf(p), pseudocountsP);
    const term = termOf(x, f64x2.add(lastOf(q), pseudocountsQ));
    highest = f64x2.relaxed_max(x, highest);
    largest = f64x2.relaxed_max(f64x2.abs(term), largest);
    v128.store64_lane(out, term, 0);
  }
  largestTerm = largestOf(largest);
  largestP = largestOf(highest);
}

// the logarithm is of the quotient of the shares, and not a difference from `logNorms`, which may be much larger
function termOf(x: v128, y: v128): v128 {
  const p = f64x2.div(x, f64x2.splat(normP));
  return f64x2.mul(p, logRatio(p, f64x2.div(y, f64x2.splat(normQ))));
}

/** Whether the rounding of the shares, which the largest share carries into its term, is small beside the largest term. */
export function areTermsOfCountsExact(): bool {
  return largestTerm * massP >= 2.0 ** -5 * largestP;
}
