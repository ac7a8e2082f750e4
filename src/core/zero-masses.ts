import { positionOf } from '../tensor/axes.ts';
import type { Numbers } from '../tensor/tensor.ts';
import type { Comparison } from './comparison.ts';
import { addIndex, areNamed, type Diagnostics } from './diagnostics.ts';
import { type KindName, kinds } from './kinds.ts';

/**
 * Records the outcomes of distribution d where Q has no mass, as `divergence` does while it computes: with P, where P has mass, and as 0 over 0
 * where P has none in float64.
 */
export function recordZeros(facts: Pick<Diagnostics, 'infiniteTerms' | 'zeroOverZero'>, comparison: Comparison, d: number): void {
  const { axes, input, target } = comparison;
  const { distributionOffsets, outcomeOffsets } = axes;
  const start = distributionOffsets[d];
  const [p, q] = [target.tensor.data, input.tensor.data];
  const [noneP, noneQ] = [noMass(target.kind), noMass(input.kind)];
  let hasMass: ((value: number) => boolean) | undefined;
  for (let k = 0; k < outcomeOffsets.length; k++) {
    const element = start + outcomeOffsets[k];
    if (q[element] !== noneQ) continue;
    const value = p[element];
    if (value !== noneP) hasMass ??= massTest(comparison, d);
    const sample = value !== noneP && hasMass?.(value) ? facts.infiniteTerms : facts.zeroOverZero;
    if (areNamed(sample)) sample.count++;
    else addIndex(sample, positionOf(axes, d, k));
  }
}

/** The number of a kind that is exactly no mass. A pseudocount leaves no such number. */
function noMass(kind: KindName): number {
  return kinds[kind].scale === 'log' ? Number.NEGATIVE_INFINITY : 0;
}

/** Tells whether a number of P in distribution d is a mass above 0 in float64. */
function massTest({ axes, target, temperature }: Comparison, d: number): (value: number) => boolean {
  if (kinds[target.kind].scale === 'linear') return (value) => value > 0;
  if (target.kind === 'log_probs') return (value) => Math.exp(value) > 0;
  const peak = peakOf(target.tensor.data, axes.distributionOffsets[d], axes.outcomeOffsets, temperature);
  return (value) => Math.exp(value / temperature - peak) > 0;
}

function peakOf(data: Numbers, start: number, steps: Uint32Array, temperature: number): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (const step of steps) peak = Math.max(peak, data[start + step] / temperature);
  return peak;
}
