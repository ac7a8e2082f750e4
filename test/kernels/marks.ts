import assert from 'node:assert/strict';
import type { Comparison } from '../../src/core/comparison.ts';
import { divergence } from '../../src/core/divergence.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../src/kernels/run-kernel.ts';

const kernel = loadKernel();

/** Compares totals and what is noted with those of the definition alone, and returns the mark of each row. */
export function marksOf(comparison: Comparison): number[] {
  assert.ok(kernel);
  const found = runKernel({ kernel }, comparison, { wantsTerms: false });
  const expected = divergence(comparison, { base: 'e', wantsTerms: false });
  const actual = divergence(comparison, { base: 'e', wantsTerms: false, found });
  for (const [d, total] of expected.perDistribution.entries()) {
    const value = actual.perDistribution[d];
    assert.ok(Object.is(value, total) || Math.abs(value / total - 1) <= 1e-12, `row ${d} is ${value}, not ${total}`);
  }
  for (const fact of ['zeroOverZero', 'infiniteTerms', 'negativeTotals', 'massDifferences'] as const)
    assert.deepEqual(actual.facts[fact], expected.facts[fact], fact);
  for (const side of ['input', 'target'] as const) assert.deepEqual(actual.facts[side].offMass, expected.facts[side].offMass, side);
  return [...(found?.trusted ?? [])];
}
