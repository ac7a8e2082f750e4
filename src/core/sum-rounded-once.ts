import { lostInSum } from './compensated-sum.ts';
import { ExactSum } from './exact-sum.ts';

/**
 * The sum of some numbers, rounded once: that of `ExactSum`. Two floats nearly always suffice: where what they lack could decide how the sum is
 * rounded, it mostly is nothing, in the middle between two float64s.
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
