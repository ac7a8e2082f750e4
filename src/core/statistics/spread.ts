import { float64s } from '../../memory/small-arrays.ts';
import { freeingArrays } from '../../memory/task-memory.ts';
import { compensatedSum } from '../compensated-sum.ts';

/**
 * The standard deviation, and the standard error of the mean. Deviations are taken in units of the largest, whose square may not overflow.
 */
export function spreadOf(values: Float64Array, weightOf: Float64Array | undefined, mean: number) {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] - mean));
  if (values.length < 2 || !Number.isFinite(largest)) return { deviation: null, error: null };
  if (largest === 0) return { deviation: 0, error: 0 };
  return freeingArrays(() => {
    const sum = summing(values.length);
    const { weight, ofSquares, divisor } = weightOf === undefined ? ofEqualWeights(values.length) : ofWeights(weightOf, sum);
    if (divisor === 0) return { deviation: null, error: null };
    const deviation = largest * Math.sqrt(sum((i) => (weightOf?.[i] ?? 1) * ((values[i] - mean) / largest) ** 2) / divisor);
    return { deviation, error: (deviation * Math.sqrt(ofSquares)) / weight };
  });
}

/** Returns what sums so many numbers, which it computes one by one into an array of its own. */
export function summing(count: number): (numberAt: (i: number) => number) => number {
  const numbers = float64s(count);
  return (numberAt) => {
    for (let i = 0; i < count; i++) numbers[i] = numberAt(i);
    return compensatedSum(numbers);
  };
}

/** Σ w, Σ w², and Σ w - Σ w² / Σ w, of so many weights of 1. */
const ofEqualWeights = (count: number) => ({ weight: count, ofSquares: count, divisor: count - 1 });

/** The same of weights of which the largest is 1. */
function ofWeights(weightOf: Float64Array, sum: (numberAt: (i: number) => number) => number) {
  const weight = compensatedSum(weightOf);
  // as Σ w·(Σ w - w) / Σ w: what the largest weight leaves of the sum would be a difference without digits
  const most = weightOf.indexOf(1);
  const others = sum((i) => (i === most ? 0 : weightOf[i]));
  const divisor = sum((i) => weightOf[i] * (i === most ? others : weight - weightOf[i])) / weight;
  return { weight, ofSquares: sum((i) => weightOf[i] * weightOf[i]), divisor };
}
