import { lostInSum, type SumParts, sumParts } from '../compensated-sum.ts';
import { phi } from '../terms.ts';
import { logOfRatio, productDifference, ratioGap } from './gaps.ts';
import { farOut, stirlingCoefficients, stirlingGap } from './stirling-gap.ts';

/**
 * KL of Dirichlet distributions with concentrations a and b, whose order it changes: the gaps of ln Γ of each outcome, less that of the
 * sums. Where one outcome has nearly all of both sums, its gap is nearly that of the sums. So these two are never subtracted from each
 * other: `growth` is their difference. ln Γ(x) = ln Γ(x + n) - ln x - … - ln(x + n - 1) takes both to where Stirling's series holds, and
 * the parts x·ln x of all outcomes and of the sums A and B make b·ln((b/B) / (a/A)), term by term as non-negative gaps.
 */
export function dirichletGap(a: Float64Array, b: Float64Array): number {
  const last = a.length - 1;
  const main = mainOutcome(a, b);
  [a[main], a[last]] = [a[last], a[main]];
  [b[main], b[last]] = [b[last], b[main]];
  const restA = sumParts(a.subarray(0, last));
  const restB = sumParts(b.subarray(0, last));
  const pair: Pair = {
    a: a[last],
    b: b[last],
    restA: restA.sum,
    restB: restB.sum,
    restDifference: restB.sum - restA.sum + (restB.rest - restA.rest),
    cross: productDifference(restB.sum, a[last], restA.sum, b[last], restB.rest, restA.rest),
  };
  const shift = Math.max(0, Math.ceil(farOut - Math.min(pair.a, pair.b)));
  const sumA = plus(plus(restA, pair.a), shift);
  const sumB = plus(plus(restB, pair.b), shift);
  let total = (pair.b + shift) * ratioGap(...shareRatio(pair, shift)) - growth(pair, shift);
  for (let k = 0; k < last; k++) {
    // the share of a over that of b, less 1
    const x = productDifference(sumB.sum, a[k], sumA.sum, b[k], sumB.rest, sumA.rest) / sumA.sum / b[k];
    total += b[k] * ratioGap(x, logOfRatio(x, a[k] * sumB.sum, sumA.sum * b[k])) + stirlingGap(b[k], a[k]);
  }
  return Math.max(0, total);
}

/** The outcome with the largest shares of both sums. */
function mainOutcome(a: Float64Array, b: Float64Array): number {
  let [sumA, sumB] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    sumA += a[k];
    sumB += b[k];
  }
  let found = 0;
  for (let k = 1; k < a.length; k++) if (a[k] / sumA + b[k] / sumB > a[found] / sumA + b[found] / sumB) found = k;
  return found;
}

function plus({ sum, rest }: SumParts, value: number): SumParts {
  const next = sum + value;
  const lost = rest + lostInSum(sum, value, next);
  const total = next + lost;
  return { sum: total, rest: next - total + lost };
}

/** An outcome's concentrations a and b, and the sums of all others; `cross` is a·restB - restA·b, and `restDifference` restB - restA. */
type Pair = {
  readonly a: number;
  readonly b: number;
  readonly restA: number;
  readonly restB: number;
  readonly restDifference: number;
  readonly cross: number;
};

/** The share (a + n) / (a + restA + n) over that of b, less 1; and its logarithm. */
function shareRatio({ a, b, restA, restB, restDifference, cross }: Pair, n: number): [x: number, log: number] {
  const [sumA, sumB] = [a + restA + n, b + restB + n];
  const x = (cross + n * restDifference) / sumA / (b + n);
  return [x, logOfRatio(x, (a + n) * sumB, sumA * (b + n))];
}

/** How much the Bregman divergence of ln Γ grows from (b, a) to (b + restB, a + restA), but for the part x·ln x of x + shift. */
function growth(pair: Pair, shift: number): number {
  let sum = 0;
  for (let n = 0; n < shift; n++) sum += logGrowth(pair, n);
  return sum + 0.5 * logGrowth(pair, shift) + seriesGrowth(pair, shift);
}

/** How much the gap of (b + n) / (a + n) grows: that of r to that of r·(1 + x), where 1 + x is the ratio of the shares. */
function logGrowth(pair: Pair, n: number): number {
  const [x, log] = shareRatio(pair, n);
  if (Math.abs(x) < 0.5) return ((pair.b - pair.a) / (pair.a + n)) * x + ratioGap(x, log);
  return ((pair.b + n) / (pair.a + n)) * x - log;
}

/** How much the Bregman divergence of Stirling's series grows, far out: that of each of its powers. */
function seriesGrowth(pair: Pair, shift: number): number {
  const [a, b] = [pair.a + shift, pair.b + shift];
  const sumA = a + pair.restA;
  const growthA = Math.log1p(pair.restA / a);
  const growthB = Math.log1p(pair.restB / b);
  const [x, log] = shareRatio(pair, shift);
  const more = (pair.b - pair.a) / a;
  const isNear = Math.abs(more) < 0.5 && Math.abs(x) < 0.5;
  const logRatio = isNear ? Math.log1p(more) : 0;
  const gap = isNear ? ratioGap(more, logRatio) : 0;
  const gapOfShares = isNear ? ratioGap(x, log) : 0;
  let sum = 0;
  let [ofA, ofB, ofSumA] = [1 / a, 1 / b, 1 / sumA];
  for (let k = 0, m = 1; k < stirlingCoefficients.length; k++, m += 2) {
    const grown = ofA * Math.expm1(-m * growthA);
    if (isNear) {
      const power = Math.expm1(-m * logRatio);
      const ofShares = (1 + power) * (phi(m * log) + m * gapOfShares) + m * x * (more - power);
      sum += stirlingCoefficients[k] * (grown * (phi(m * logRatio) + m * gap) + ofSumA * ofShares);
    } else {
      sum += stirlingCoefficients[k] * (ofB * Math.expm1(-m * growthB) + m * x * (b / a) * ofSumA + grown * (m * more - 1));
    }
    ofA /= a * a;
    ofB /= b * b;
    ofSumA /= sumA * sumA;
  }
  return sum;
}
