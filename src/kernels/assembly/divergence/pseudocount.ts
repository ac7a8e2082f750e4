import { largestOf, lastOf, lostIn, smallestOf } from './simd';

let lowest: f64 = Infinity;
let largestLost: f64 = 0;

export function beginPseudocount(): void {
  lowest = Infinity;
  largestLost = 0;
}

/** Adds the pseudocount to the n counts that stand at `at`. A NaN shows in the sum of the counts. */
export function addPseudocount(at: usize, n: i32, pseudocount: f64): void {
  const more = f64x2.splat(pseudocount);
  let low = f64x2.splat(lowest);
  let lost = f64x2.splat(largestLost);
  const end = at + ((n & -2) << 3);
  for (; at < end; at += 16) {
    const count = v128.load(at);
    const sum = f64x2.add(count, more);
    low = f64x2.relaxed_min(count, low);
    lost = f64x2.relaxed_max(f64x2.abs(lostIn(count, more, sum)), lost);
    v128.store(at, sum);
  }
  if (n & 1) {
    const count = lastOf(end);
    const sum = f64x2.add(count, more);
    low = f64x2.relaxed_min(count, low);
    lost = f64x2.relaxed_max(f64x2.abs(lostIn(count, more, sum)), lost);
    v128.store64_lane(end, sum, 0);
  }
  lowest = smallestOf(low);
  largestLost = largestOf(lost);
}

/** Whether no count was below 0 before the pseudocount was added; true where none is. */
export function areCountsFromZero(): bool {
  return lowest >= 0;
}

/** Whether rounding took nothing from any sum of a count and the pseudocount. */
export function areSumsExact(): bool {
  return largestLost === 0;
}
