import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Comparison } from '../../src/core/comparison.ts';
import { computeFamily } from '../../src/core/divergences/compute.ts';
import { kernelFormsOf } from '../../src/core/divergences/found-divergences.ts';
import { type NamedDivergence, parseDivergence, rowOf } from '../../src/core/divergences/named-divergence.ts';
import type { KernelOutput } from '../../src/core/kernel.ts';
import { type KindName, kinds } from '../../src/core/kinds.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../src/kernels/run-kernel.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';

const kernel = loadKernel();

export const fourDefaults = ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon'];

/** One of each divergence that the kernel computes, and more of those with a parameter. */
export const everyKey = [
  ...fourDefaults,
  'jensen_shannon_distance',
  'jensen_shannon:0.001',
  'jensen_shannon:0.1',
  'jensen_shannon:0.9',
  'total_variation',
  'hellinger',
  'chi_squared',
  'renyi:0.3',
  'renyi:0.5',
  'renyi:0.999999',
  'renyi:2',
  'renyi:7',
];

export const named = (keys: readonly string[]) => keys.map((key) => parseDivergence(key) as NamedDivergence);

export function comparisonOf(
  kind: KindName,
  target: Float64Array,
  input: Float64Array,
  shape: number[],
  rest: Partial<Pick<Comparison, 'temperature' | 'pseudocount' | 'weights'>> & { readonly dim?: number | number[] } = {},
): Comparison {
  const { dim = -1, temperature = 1, pseudocount = 0, weights } = rest;
  return {
    input: { kind, tensor: { shape, data: input } },
    target: { kind, tensor: { shape, data: target } },
    axes: distributionAxes(shape, dim),
    temperature,
    pseudocount,
    weights,
  };
}

/** What the kernel finds for divergences. */
export function foundOf(comparison: Comparison, keys: readonly string[]): KernelOutput {
  assert.ok(kernel);
  const found = runKernel({ kernel }, comparison, { wantsTerms: false, forms: kernelFormsOf(named(keys)) });
  assert.ok(found);
  return found;
}

const worst = new Map<string, number>();

/** Compares the divergences of every regular row with the definition's, and returns the share of regular rows. */
export function compareFamily(comparison: Comparison, keys: readonly string[] = everyKey): number {
  const asked = named(keys);
  const isRounded = kinds[comparison.target.kind].normalizes !== kinds[comparison.input.kind].normalizes;
  const found = foundOf(comparison, keys);
  const expected = computeFamily(comparison, { base: 'e', asked, wantsTerms: false });
  const actual = computeFamily(comparison, { base: 'e', asked, wantsTerms: false, found });
  let regular = 0;
  for (const [d, isTrusted] of found.trusted.entries()) {
    regular += isTrusted;
    for (const [place, { perDistribution, divergence }] of actual.members.entries()) {
      const value = expected.members[place].perDistribution[d];
      if (isTrusted === 0) assert.ok(Object.is(perDistribution[d], value));
      else assertNear(divergence, perDistribution[d], value, isRounded, d);
    }
  }
  return regular / found.trusted.length;
}

function assertNear({ key, name }: NamedDivergence, actual: number, expected: number, isRounded: boolean, row: number): void {
  const off = Math.abs(actual - expected) / Math.abs(expected);
  worst.set(key, Math.max(worst.get(key) ?? 0, off));
  // the definition takes the rounding of both normalisers into the total variation, which no square makes smaller
  const allowed = name === 'total_variation' ? 1e-11 : 1e-12;
  // and so do sums that rest on the masses, where one side alone is normalised
  const slack = isRounded && rowOf({ name }).restsOnMasses ? 5e-16 / Math.abs(expected) : 0;
  assert.ok(off <= allowed + slack, `${key} of row ${row} is ${actual}, not ${expected}: off by ${off}`);
}

/** Tells the largest errors since the last report. */
export function reportFamily(t: TestContext): void {
  t.diagnostic(`largest relative errors: ${[...worst].map(([key, off]) => `${key} ${off.toExponential(0)}`).join(', ')}`);
  worst.clear();
}
