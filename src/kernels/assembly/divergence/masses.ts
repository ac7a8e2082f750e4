import { logRatio, logRatioOf } from './logarithm';
import { sumOfRefined } from './refined-counts';
import { largestOf, lastOf, lostIn, once, run, smallestOf, sumsOf } from './simd';

/** Smaller numbers, or shares of a sum, are left to the definition. */
const smallest: f64 = 2.0 ** -1000;
/** The largest number of the domain in `src/core/kinds.ts`. */
const largest: f64 = 1e270;

// Σ p and Σ q, Σ p·log(p / q) and Σ |p·log(p / q)|, and what rounding took from them
let masses: v128 = f64x2.splat(0);
let massesLost: v128 = f64x2.splat(0);
let products: v128 = f64x2.splat(0);
let productsLost: v128 = f64x2.splat(0);
export let massP: f64 = 0;
export let massQ: f64 = 0;
let lowP: f64 = 0;
let lowQ: f64 = 0;
/** log massP - log massQ for counts */
let logMasses: f64 = 0;
let refined: f64 = 0;
let largestTerm: f64 = 0;
let largestP: f64 = 0;
/** What is added to every count, twice. */
export let pseudocounts: v128 = f64x2.splat(0);

/** Begins a row. @param pseudocount what is added to every count; 0 for probabilities */
export function beginMasses(pseudocount: f64): void {
  pseudocounts = f64x2.splat(pseudocount);
  masses = massesLost = products = productsLost = f64x2.splat(0);
  refined = largestTerm = largestP = 0;
  lowP = lowQ = Infinity;
}

export function addMasses(p: usize, q: usize, n: i32): void {
  let sumP = f64x2.splat(0);
  let sumQ = f64x2.splat(0);
  let product = f64x2.splat(0);
  let magnitude = f64x2.splat(0);
  let lowestP = f64x2.splat(lowP);
  let lowestQ = f64x2.splat(lowQ);
  const end = p + ((n & -2) << 3);
  while (p < end) {
    const stop = min(p + run, end);
    let runP = f64x2.splat(0);
    let runQ = f64x2.splat(0);
    let runProduct = f64x2.splat(0);
    for (; p < stop; p += 16, q += 16) {
      const countP = v128.load(p);
      const countQ = v128.load(q);
      const x = f64x2.add(countP, pseudocounts);
      const y = f64x2.add(countQ, pseudocounts);
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
    const x = f64x2.add(countP, pseudocounts);
    const y = f64x2.add(countQ, pseudocounts);
    sumP = f64x2.add(sumP, once(x));
    sumQ = f64x2.add(sumQ, once(y));
    lowestP = f64x2.relaxed_min(countP, lowestP);
    lowestQ = f64x2.relaxed_min(countQ, lowestQ);
    const term = once(f64x2.mul(x, logRatio(x, y)));
    product = f64x2.add(product, term);
    magnitude = f64x2.add(magnitude, f64x2.abs(term));
  }
  lowP = smallestOf(lowestP);
  lowQ = smallestOf(lowestQ);
  const more = sumsOf(sumP, sumQ);
  const sum = f64x2.add(masses, more);
  massesLost = f64x2.add(massesLost, lostIn(masses, more, sum));
  masses = sum;
  const moreProducts = sumsOf(product, magnitude);
  const productSum = f64x2.add(products, moreProducts);
  productsLost = f64x2.add(productsLost, lostIn(products, moreProducts, productSum));
  products = productSum;
}

/** Takes the sums together once all pieces are added. */
export function endMasses(): void {
  const sum = f64x2.add(masses, massesLost);
  massP = f64x2.extract_lane(sum, 0);
  massQ = f64x2.extract_lane(sum, 1);
  products = f64x2.add(products, productsLost);
}

/** Whether both masses are surely 1 within the tolerance of `src/core/facts.ts`, and no p or q is 0 or nearly so. */
export function areProbs(): bool {
  return abs(massP - 1) <= 0.999e-6 && abs(massQ - 1) <= 0.999e-6 && lowP >= smallest && lowQ >= smallest;
}

/** Whether both sides have mass, and some numbers are 0 and none is below. */
export function haveZeros(): boolean {
  return min(lowP, lowQ) === 0 && f64x2.extract_lane(pseudocounts, 0) === 0 && min(massP, massQ) > 0;
}

/** Takes the smallest numbers above 0 as the smallest. */
export function passOverZeros(leastP: f64, leastQ: f64): void {
  lowP = leastP;
  lowQ = leastQ;
}

/** Σ p - Σ q. Where it is half of the total or more, the definition has something to report. */
export function massDifference(): f64 {
  return massP - massQ;
}

export function totalOfProbs(): f64 {
  return f64x2.extract_lane(products, 0);
}

/** A bound of what was added up to the total, and so of its rounding error in units of 2⁻⁵³. */
export function partsOfProbs(): f64 {
  return f64x2.extract_lane(products, 1);
}

/** Whether no count is below 0, and none, no share of a sum and no scaled count of `sumOfRefined` is 0 or nearly so, or overflows. */
export function areCounts(): bool {
  const pseudocount = f64x2.extract_lane(pseudocounts, 0);
  const leastP = lowP + pseudocount;
  const leastQ = lowQ + pseudocount;
  return (
    lowP >= 0 &&
    lowQ >= 0 &&
    massP <= largest &&
    massQ <= largest &&
    leastP >= smallest * max<f64>(1, massP) &&
    leastQ >= smallest * max<f64>(1, massQ) &&
    leastQ * (massP / massQ) >= smallest
  );
}

/** The total, from D(P ‖ Q) = Σ c_p·log(c_p / c_q) / massP - (log massP - log massQ). */
export function totalOfCounts(): f64 {
  logMasses = logRatioOf(massP, massQ);
  return f64x2.extract_lane(products, 0) / massP - logMasses;
}

/** A bound of what was added up to the total, and so of its rounding error in units of 2⁻⁵³. */
export function partsOfCounts(): f64 {
  return f64x2.extract_lane(products, 1) / massP + abs(logMasses) + 1;
}

/** Adds n of the summands that lose no digits where P ≈ Q. */
export function refineCounts(p: usize, q: usize, n: i32): void {
  refined += sumOfRefined(p, q, n, massP, massQ, pseudocounts);
}

export function refinedCounts(): f64 {
  return refined;
}

/** Writes n terms p·(log p - log q). */
export function writeMasses(p: usize, q: usize, out: usize, n: i32, areShares: bool): void {
  const normP = f64x2.splat(areShares ? massP : 1);
  const normQ = f64x2.splat(areShares ? massQ : 1);
  let largest = f64x2.splat(largestTerm);
  let highest = f64x2.splat(largestP);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16, out += 16) {
    const x = f64x2.add(v128.load(p), pseudocounts);
    const term = termOf(x, f64x2.add(v128.load(q), pseudocounts), normP, normQ);
    highest = f64x2.relaxed_max(x, highest);
    largest = f64x2.relaxed_max(f64x2.abs(term), largest);
    v128.store(out, term);
  }
  if (n & 1) {
    const x = f64x2.add(lastOf(p), pseudocounts);
    const term = termOf(x, f64x2.add(lastOf(q), pseudocounts), normP, normQ);
    highest = f64x2.relaxed_max(x, highest);
    largest = f64x2.relaxed_max(f64x2.abs(term), largest);
    v128.store64_lane(out, term, 0);
  }
  largestTerm = largestOf(largest);
  largestP = largestOf(highest);
}

// the logarithm is of the quotient of the shares, and not a difference from `logMasses`, which may be much larger
function termOf(x: v128, y: v128, normP: v128, normQ: v128): v128 {
  const p = f64x2.div(x, normP);
  return f64x2.mul(p, logRatio(p, f64x2.div(y, normQ)));
}

/** Whether the rounding of the shares, which the largest share carries into its term, is small beside the largest term. */
export function areTermsOfCountsExact(): bool {
  return largestTerm * massP >= 2.0 ** -5 * largestP;
}
