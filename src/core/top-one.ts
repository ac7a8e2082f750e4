import { uint8s } from '../memory/small-arrays.ts';
import { offsetsIn } from '../tensor/axes.ts';
import type { Numbers } from '../tensor/tensor.ts';
import type { Comparison } from './comparison.ts';

/** Elements between two checks for a cancellation. */
const checkEvery = 2 ** 16;

/**
 * Whether the most likely outcome of P is that of Q, for each distribution: 1 or 0. Of equally likely outcomes the first counts, by the
 * numbers as they were sent: of every kind, the larger number is the larger mass. A distribution of weight 0 is not read, and has 0.
 */
export function topOneAgreement({ input, target, axes, weights }: Comparison, check: () => void = () => {}): Uint8Array {
  const { distributionOffsets, outcomeOffsets } = axes;
  const agrees = uint8s(distributionOffsets.length);
  const atOnce = Math.ceil(checkEvery / outcomeOffsets.length);
  for (let d = 0; d < agrees.length; d++) {
    if (d % atOnce === 0) check();
    if (weights?.[d] === 0) continue;
    const start = distributionOffsets[d];
    const steps = offsetsIn(axes, d);
    const isSame = topOutcome(target.tensor.data, start, steps) === topOutcome(input.tensor.data, start, steps);
    agrees[d] = isSame ? 1 : 0;
  }
  return agrees;
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
