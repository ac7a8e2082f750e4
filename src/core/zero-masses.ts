import { offsetsIn, outcomesIn, positionOf } from '../tensor/axes.ts';
import type { Numbers } from '../tensor/tensor.ts';
import type { Comparison } from './comparison.ts';
import { addIndex, areNamed, type Diagnostics } from './diagnostics.ts';
import { kinds, zeroMassOf } from './kinds.ts';

/**
 * Records the outcomes of distribution d where Q has no mass, as `divergence` does while it computes: with P, where P has mass, and as 0
 * over 0 where P has none in float64.
 * @param total the divergence of d, which is infinite where P has mass in one of them
 * @param missing how many there are, where that is known
 */
export function recordZeros(
  facts: Pick<Diagnostics, 'infiniteTerms' | 'zeroOverZero'>,
  comparison: Comparison,
  d: number,
  total: number,
  missing?: number,
): void {
  const { axes, input, target } = comparison;
  const start = axes.distributionOffsets[d];
  const steps = axes.outcomeOffsets;
  const size = outcomesIn(axes, d);
  // a pseudocount leaves no such number
  const [noneP, noneQ] = [zeroMassOf(kinds[target.kind]), zeroMassOf(kinds[input.kind])];
  if (total < Number.POSITIVE_INFINITY && areNamed(facts.zeroOverZero)) {
    facts.zeroOverZero.count += missing ?? countOf(noneQ, input.tensor.data, start, offsetsIn(axes, d));
    return;
  }
  const [p, q] = [target.tensor.data, input.tensor.data];
  let hasMass: ((value: number) => boolean) | undefined;
  for (let k = 0; k < size; k++) {
    const element = start + steps[k];
    if (q[element] !== noneQ) continue;
    const value = p[element];
    if (value !== noneP) hasMass ??= massTest(comparison, d);
    const sample = value !== noneP && hasMass?.(value) ? facts.infiniteTerms : facts.zeroOverZero;
    if (areNamed(sample)) sample.count++;
    else addIndex(sample, positionOf(axes, d, k));
  }
}

/** How many outcomes of a distribution are a number. */
function countOf(value: number, data: Numbers, start: number, steps: Uint32Array): number {
  let count = 0;
  const inOrder = steps[steps.length - 1] === steps.length - 1;
  // no branch: such outcomes are in no order that could be foreseen
  if (inOrder) for (let at = start; at < start + steps.length; at++) count += data[at] === value ? 1 : 0;
  else for (let k = 0; k < steps.length; k++) count += data[start + steps[k]] === value ? 1 : 0;
  return count;
}

/** Tells whether a number of P in distribution d is a mass above 0 in float64. */
function massTest({ axes, target, temperature }: Comparison, d: number): (value: number) => boolean {
  if (kinds[target.kind].scale === 'linear') return isPositive;
  if (target.kind === 'log_probs') return isExponentialPositive;
  const peak = peakOf(target.tensor.data, axes.distributionOffsets[d], offsetsIn(axes, d), temperature);
  return (value) => Math.exp(value / temperature - peak) > 0;
}

// no functions made anew for each distribution
const isPositive = (value: number) => value > 0;
const isExponentialPositive = (value: number) => Math.exp(value) > 0;

function peakOf(data: Numbers, start: number, steps: Uint32Array, temperature: number): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (const step of steps) peak = Math.max(peak, data[start + step] / temperature);
  return peak;
}
