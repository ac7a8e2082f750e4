import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { divergence } from '../../src/core/divergence.ts';
import { type KernelOutput, kernelPairOf } from '../../src/core/kernel.ts';
import type { KindName } from '../../src/core/kinds.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { elementCount } from '../../src/tensor/tensor.ts';

const kernel = loadKernel();
/** The kinds whose rows of any numbers are distributions, or nearly so. */
export const kinds = ['logits', 'probs', 'counts'] as const satisfies readonly KindName[];

/** What the kernel finds of tensors of a shape. */
export function found(
  kind: KindName,
  target: Float64Array,
  input: Float64Array,
  shape: number[],
  dim: number | number[],
  wantsTerms = true,
  temperature = 1,
  weights?: Float64Array,
  pseudocount = 0,
): KernelOutput {
  assert.ok(kernel);
  const axes = distributionAxes(shape, dim);
  const count = axes.distributionOffsets.length;
  const result: KernelOutput = {
    totals: new Float64Array(count),
    trusted: new Uint8Array(count),
    terms: new Float64Array(wantsTerms ? elementCount(shape) : 0),
  };
  kernel.find({ pair: kernelPairOf(kind, kind), input, target, axes, temperature, pseudocount, weights }, result, 0, count);
  return result;
}

/** What the definition finds. */
export function defined(
  kind: KindName,
  target: Float64Array,
  input: Float64Array,
  shape: number[],
  dim: number | number[],
  temperature = 1,
  pseudocount = 0,
) {
  return divergence(
    {
      input: { kind, tensor: { shape, data: input } },
      target: { kind, tensor: { shape, data: target } },
      axes: distributionAxes(shape, dim),
      temperature,
      pseudocount,
    },
    { base: 'e', wantsTerms: true },
  );
}

const worst = { total: 0, term: 0 };

/** Compares every regular row with the definition, and returns the share of regular rows without and with terms. */
export function compare(
  kind: KindName,
  target: Float64Array,
  input: Float64Array,
  shape: number[],
  dim: number | number[] = -1,
  temperature = 1,
  pseudocount = 0,
): [number, number] {
  const axes = distributionAxes(shape, dim);
  const expected = defined(kind, target, input, shape, dim, temperature, pseudocount);
  const shares = [false, true].map((wantsTerms) => {
    const actual = found(kind, target, input, shape, dim, wantsTerms, temperature, undefined, pseudocount);
    let regular = 0;
    for (const [d, start] of axes.distributionOffsets.entries()) {
      if (actual.trusted[d] === 0) continue;
      regular++;
      const total = expected.perDistribution[d];
      const off = Math.abs(actual.totals[d] - total) / Math.abs(total);
      worst.total = Math.max(worst.total, off);
      assert.ok(off <= 1e-12, `${kind} ${shape}: row ${d} is ${actual.totals[d]}, not ${total}: off by ${off}`);
      if (wantsTerms) compareTerms(actual.terms, expected.terms, start, axes.outcomeOffsets);
    }
    return regular / axes.distributionOffsets.length;
  });
  return [shares[0], shares[1]];
}

function compareTerms(actual: Float64Array, expected: Float64Array, start: number, steps: Uint32Array): void {
  let largest = 0;
  let off = 0;
  for (const step of steps) {
    largest = Math.max(largest, Math.abs(expected[start + step]));
    off = Math.max(off, Math.abs(actual[start + step] - expected[start + step]));
  }
  worst.term = Math.max(worst.term, off / largest);
  assert.ok(off <= 1e-13 * largest, `terms from ${start} are off by ${off} where the largest is ${largest}`);
}

/** Tells the largest errors since the last report. */
export function report(t: TestContext): void {
  t.diagnostic(`largest relative error of a total ${worst.total.toExponential(2)}, of a term ${worst.term.toExponential(2)}`);
  worst.total = 0;
  worst.term = 0;
}
