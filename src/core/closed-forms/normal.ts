import { compensatedSum } from '../compensated-sum.ts';
import { phi } from '../terms.ts';
import { gapNearOne, logQuotient, ratioGap } from './gaps.ts';
import { type Column, type Columns, has, type Sum, type Term, valueAt } from './side.ts';

/** ½·(σ₁²/σ₂² - 1 - ln(σ₁²/σ₂²)) + ½·((μ₁ - μ₂)/σ₂)² */
export const normal: Term = (p, q) => {
  if (has(p, 'log_variance') || has(q, 'log_variance')) return normalByLogVariance(p, q);
  const [locP, scaleP, locQ, scaleQ] = [p.loc, p.scale, q.loc, q.scale];
  return (i) => {
    const a = valueAt(scaleP, i);
    const b = valueAt(scaleQ, i);
    const growth = (a - b) / b;
    const distance = (valueAt(locP, i) - valueAt(locQ, i)) / b;
    return 0.5 * (ratioGap(growth * (2 + growth), 2 * logQuotient(a, b)) + distance * distance);
  };
};

function normalByLogVariance(p: Columns, q: Columns): (element: number) => number {
  const [ofP, ofQ] = [p, q].map(logVarianceOf);
  const scale = has(q, 'scale') ? (i: number) => valueAt(q.scale, i) : (i: number) => Math.exp(ofQ(i) / 2);
  const [locP, locQ] = [p.loc, q.loc];
  return (i) => {
    const distance = (valueAt(locP, i) - valueAt(locQ, i)) / scale(i);
    return 0.5 * (phi(ofQ(i) - ofP(i)) + distance * distance);
  };
}

function logVarianceOf(columns: Columns): (element: number) => number {
  const column: Column = has(columns, 'log_variance') ? columns.log_variance : columns.scale;
  return has(columns, 'log_variance') ? (i) => valueAt(column, i) : (i) => 2 * Math.log(valueAt(column, i));
}

/** Quotients between these may be multiplied into a product between the bounds below, which float64 holds. */
const [leastFactor, largestFactor] = [2 ** -400, 2 ** 400];
const [leastProduct, largestProduct] = [2 ** -500, 2 ** 500];

/** So many elements are added up plainly: all summands are positive. */
const atOnce = 64;

/**
 * The sum of `normal` over independent elements. Logarithms are what takes long, and their sum is the logarithm of a product: one is taken
 * for many elements. Those with nearly equal scales need none.
 */
export const normalSum: Sum = (p, q) => {
  if (has(p, 'log_variance') || has(q, 'log_variance')) return undefined;
  const [locP, scaleP, locQ, scaleQ] = [p.loc, p.scale, q.loc, q.scale];
  return (start, offsets, blocks) => {
    let product = 1;
    let logs = 0;
    let count = 0;
    for (let first = 0; first < offsets.length; first += atOnce) {
      let sum = 0;
      const end = Math.min(first + atOnce, offsets.length);
      for (let k = first; k < end; k++) {
        const i = start + offsets[k];
        const a = valueAt(scaleP, i);
        const b = valueAt(scaleQ, i);
        const growth = (a - b) / b;
        const distance = (valueAt(locP, i) - valueAt(locQ, i)) / b;
        const x = growth * (2 + growth);
        sum += distance * distance;
        // the rest of the series after x¹⁰ is below 2⁻⁵² of the first summand
        if (Math.abs(x) < 0.02) {
          sum += gapNearOne(x, 10);
          continue;
        }
        sum += x;
        const factor = a / b;
        if (factor > leastFactor && factor < largestFactor) product *= factor;
        else logs += logQuotient(a, b);
        if (product > leastProduct && product < largestProduct) continue;
        logs += Math.log(product);
        product = 1;
      }
      blocks[count++] = sum;
    }
    return 0.5 * (compensatedSum(blocks.subarray(0, count)) - 2 * (logs + Math.log(product)));
  };
};
