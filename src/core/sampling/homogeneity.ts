import type { SideName } from '../comparison.ts';
import { chiSquareSurvival } from './chi-square.ts';

/** Whole-number counts of the same outcomes on both sides. */
export type Counts = Readonly<Record<SideName, ArrayLike<number>>>;

/** What a test says on whether both sides were drawn from one distribution. */
export type Homogeneity = {
  /** How many observations each side has. */
  readonly sizes: Readonly<Record<SideName, number>>;
  /** One less than the outcomes that were observed at all. */
  readonly degrees: number;
  /** The probability of a G as large as this or larger, if they were. */
  readonly pValue: number;
  /** Whether so few observations are expected that the chi-square distribution does not describe G. */
  readonly isSmall: boolean;
};

/**
 * Tests by G = 2·Σ O·ln(O/E) over both sides and all outcomes, E from the shares of both sides together, whether they have one
 * distribution. Under that hypothesis G is asymptotically chi-square. Wilks 1938: doi:10.1214/aoms/1177732360
 */
export function testHomogeneity({ input, target }: Counts): Homogeneity {
  const sizes = { input: sumOf(input), target: sumOf(target) };
  const all = sizes.input + sizes.target;
  const expected = { observed: 0, belowFive: 0, belowOne: 0 };
  let g = 0;
  for (let k = 0; k < input.length; k++) {
    const together = input[k] + target[k];
    if (together === 0) continue;
    expected.observed++;
    for (const [observed, size] of [
      [input[k], sizes.input],
      [target[k], sizes.target],
    ]) {
      const mean = (size / all) * together;
      if (mean < 5) expected.belowFive++;
      if (mean < 1) expected.belowOne++;
      g += 2 * deviance(observed, mean);
    }
  }
  const degrees = Math.max(0, expected.observed - 1);
  return {
    sizes,
    degrees,
    pValue: chiSquareSurvival(g, degrees),
    // with one outcome there is nothing to test, and no divergence but 0
    isSmall: input.length > 1 && (expected.belowOne > 0 || expected.belowFive > fewCells * expected.observed),
  };
}

/** Of both sides' cells of an outcome, the fifth that Cochran 1954 allows to expect fewer than 5. doi:10.2307/3001616 */
const fewCells = 2 * 0.2;

/** O·ln(O/E) − O + E, whose sum over cells is that of O·ln(O/E), and which is never negative. */
function deviance(observed: number, expected: number): number {
  if (observed === 0) return expected;
  const excess = (expected - observed) / observed;
  return observed * (excess - Math.log1p(excess));
}

function sumOf(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < counts.length; k++) sum += counts[k];
  return sum;
}
