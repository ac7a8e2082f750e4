import { offsetsIn, outcomesIn, positionOf } from '../tensor/axes.ts';
import type { Comparison } from './comparison.ts';
import { addIndex, areNamed, type Diagnostics } from './diagnostics.ts';
import { kinds } from './kinds.ts';

/**
 * Records the outcomes of distribution d where Q has no mass, as `divergence` does while it computes: with P, where P has mass, and as 0 over 0
 * where P has none in float64. For sides of one kind.
 */
export function recordZeros(facts: Pick<Diagnostics, 'infiniteTerms' | 'zeroOverZero'>, comparison: Comparison, d: number): void {
  const { axes, input, target, temperature } = comparison;
  const { distributionOffsets, outcomeOffsets } = axes;
  const start = distributionOffsets[d];
  const [p, q] = [target.tensor.data, input.tensor.data];
  const isLog = kinds[input.kind].scale === 'log';
  const none = isLog ? Number.NEGATIVE_INFINITY : 0;
  let peak: number | undefined;
  const size = outcomesIn(axes, d);
  for (let k = 0; k < size; k++) {
    if (q[start + outcomeOffsets[k]] !== none) continue;
    const value = p[start + outcomeOffsets[k]];
    let hasMass = value !== none;
    if (hasMass && isLog) {
      peak ??= peakOf(comparison, d);
      hasMass = Math.exp(value / temperature - peak) > 0;
    }
    const sample = hasMass ? facts.infiniteTerms : facts.zeroOverZero;
    if (areNamed(sample)) sample.count++;
    else addIndex(sample, positionOf(axes, d, k));
  }
}

function peakOf({ axes, target, temperature }: Comparison, d: number): number {
  const start = axes.distributionOffsets[d];
  let peak = Number.NEGATIVE_INFINITY;
  for (const step of offsetsIn(axes, d)) peak = Math.max(peak, target.tensor.data[start + step] / temperature);
  return peak;
}
