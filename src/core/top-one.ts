import { uint8s } from '../memory/small-arrays.ts';
import type { Axes } from '../tensor/axes.ts';
import type { Numbers } from '../tensor/tensor.ts';
import type { Comparison } from './comparison.ts';

/** Elements between two checks for a cancellation. */
const checkEvery = 2 ** 16;

/** Both sides of distributions, as numbers whose order is that of the masses: those of every kind are. */
type Sides = { readonly input: Numbers; readonly target: Numbers; readonly axes: Axes; readonly weights?: Numbers | undefined };

/**
 * Whether the most likely outcome of P is that of Q, for each distribution: 1 or 0. Of equally likely outcomes the first counts. A
 * distribution of weight 0 is not read, and has 0.
 */
export function topOneAgreement({ input, target, axes, weights }: Comparison, check: () => void = () => {}): Uint8Array {
  const agrees = uint8s(axes.distributionOffsets.length);
  const sides = { input: input.tensor.data, target: target.tensor.data, axes, weights };
  const atOnce = Math.ceil(checkEvery / axes.outcomeOffsets.length);
  for (let first = 0; first < agrees.length; first += atOnce) {
    check();
    markAgreement(sides, agrees, first, Math.min(first + atOnce, agrees.length));
  }
  return agrees;
}

/** The same for the distributions from `first` up to, not including, `end`. */
export function markAgreement({ input, target, axes, weights }: Sides, agrees: Uint8Array, first: number, end: number): void {
  const { distributionOffsets, outcomeOffsets } = axes;
  for (let d = first; d < end; d++) {
    if (weights?.[d] === 0) continue;
    const start = distributionOffsets[d];
    agrees[d] = topOutcome(target, start, outcomeOffsets) === topOutcome(input, start, outcomeOffsets) ? 1 : 0;
  }
}

function topOutcome(data: Numbers, start: number, steps: Uint32Array): number {
  let top = 0;
  let most = data[start];
  for (let k = 1; k < steps.length; k++) {
    const value = data[start + steps[k]];
    if (value > most) {
      most = value;
      top = k;
    }
  }
  return top;
}
