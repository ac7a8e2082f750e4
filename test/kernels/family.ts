import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Comparison } from '../../src/core/comparison.ts';
import { computeFamily } from '../../src/core/divergences/compute-family.ts';
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

const defined = new WeakMap<Comparison, Map<string, Float64Array>>();

/** The definition of each divergence in every distribution: computed once for a comparison, whatever is asked for together. */
function definitionOf(comparison: Comparison, keys: readonly string[]): (key: string) => Float64Array {
  const known = defined.get(comparison) ?? new Map<string, Float64Array>();
  defined.set(comparison, known);
  const asked = named(keys.filter((key) => !known.has(key)));
  if (asked.length > 0) {
    const { members } = computeFamily(comparison, { base: 'e', asked, wantsTerms: false });
    for (const [place, { perDistribution }] of members.entries()) known.set(asked[place].key, perDistribution);
  }
  return (key) => known.get(key) as Float64Array;
}

const worst = new Map<string, number>();

/** Compares the divergences of every regular row with the definition's, and returns the share of regular rows. */
export function compareFamily(comparison: Comparison, keys: readonly string[] = everyKey): number {
  const isRounded = kinds[comparison.target.kind].normalizes !== kinds[comparison.input.kind].normalizes;
  const found = foundOf(comparison, keys);
  const expected = definitionOf(comparison, keys);
  const actual = computeFamily(comparison, { base: 'e', asked: named(keys), wantsTerms: false, found });
  for (const { perDistribution, divergence } of actual.members)
    compareRows(divergence, perDistribution, expected(divergence.key), found.trusted, isRounded);
  return found.trusted.reduce((regular, isTrusted) => regular + isTrusted, 0) / found.trusted.length;
}

/** Compares one divergence of every row: it is near where the row is regular, and the same elsewhere. */
function compareRows(
  { key, name }: NamedDivergence,
  actual: Float64Array,
  expected: Float64Array,
  trusted: KernelOutput['trusted'],
  isRounded: boolean,
): void {
  // the definition takes the rounding of both normalisers into the total variation, which no square makes smaller
  const allowed = name === 'total_variation' ? 1e-11 : 1e-12;
  // and so do sums that rest on the masses, where one side alone is normalised
  const slack = isRounded && rowOf({ name }).restsOnMasses ? 5e-16 : 0;
  let largest = worst.get(key) ?? 0;
  for (let d = 0; d < trusted.length; d++) {
    if (trusted[d] === 0) {
      assert.ok(Object.is(actual[d], expected[d]));
      continue;
    }
    const size = Math.abs(expected[d]);
    const off = Math.abs(actual[d] - expected[d]) / size;
    largest = Math.max(largest, off);
    if (!(off <= allowed + slack / size)) assert.fail(`${key} of row ${d} is ${actual[d]}, not ${expected[d]}: off by ${off}`);
  }
  worst.set(key, largest);
}

/** Tells the largest errors since the last report. */
export function reportFamily(t: TestContext): void {
  t.diagnostic(`largest relative errors: ${[...worst].map(([key, off]) => `${key} ${off.toExponential(0)}`).join(', ')}`);
  worst.clear();
}
