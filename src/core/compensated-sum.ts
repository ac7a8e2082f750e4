import { ExactSum } from './exact-sum.ts';

/** A sum as two numbers: the nearest float64, and the rest, which is smaller than its last digit. */
type SumParts = { readonly sum: number; readonly rest: number };

/**
 * Sums with a running error term, so that the result is as good as one rounding of the exact sum.
 * Neumaier: the running error is added once, at the end. doi:10.1002/zamm.19740540106
 */
export function compensatedSum(values: Float64Array): number {
  return sumParts(values).sum;
}

/** Returns the compensated sum in two parts, which have about twice as many digits as one. */
export function sumParts(values: Float64Array): SumParts {
  let sum = 0;
  let error = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const next = sum + value;
    error += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  // beyond an infinity the error is Infinity - Infinity
  if (!Number.isFinite(sum)) return { sum, rest: 0 };
  const total = sum + error;
  return { sum: total, rest: sum - total + error };
}

/** What rounding takes from the sum x + y, exactly. Knuth's TwoSum: The Art of Computer Programming 2, section 4.2.2, theorem B */
export function lostInSum(x: number, y: number, sum: number): number {
  const ofY = sum - x;
  return x - (sum - ofY) + (y - ofY);
}

/**
 * The sum of some numbers, rounded once: that of `ExactSum`. Two floats nearly always suffice: where what they lack could decide how the
 * sum is rounded, it mostly is nothing, in the middle between two float64s.
 */
export function sumRoundedOnce(values: Float64Array): number {
  let sum = 0;
  let lost = 0;
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    const next = sum + values[i];
    const ofThis = lostInSum(sum, values[i], next);
    lost += ofThis;
    size += Math.abs(ofThis);
    sum = next;
  }
  const rounded = sum + lost;
  const rest = lostInSum(sum, lost, rounded);
  // twice what the additions to `lost` may have lost
  const error = values.length * 2 ** -52 * size;
  const isSure = rounded + (rest + error) === rounded && rounded + (rest - error) === rounded;
  return isSure || isInTwo(values) ? rounded : sumOf(values).value();
}

/** Whether the sum is exactly that of two floats: of the rounded sum, and of what rounding took from it on the way. */
function isInTwo(values: Float64Array): boolean {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const next = sum + values[i];
    const ofThis = lostInSum(sum, values[i], next);
    const nextLost = lost + ofThis;
    if (lostInSum(lost, ofThis, nextLost) !== 0) return false;
    [sum, lost] = [next, nextLost];
  }
  return Number.isFinite(sum);
}

function sumOf(values: Float64Array): ExactSum {
  const sum = new ExactSum();
  for (let i = 0; i < values.length; i++) sum.add(values[i]);
  return sum;
}
