import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kernel } from '../../src/core/kernel.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { computeBlocks, computeShared, type SharedBlocks } from '../../src/kernels/shared-blocks.ts';
import { distributionAxes, rowAxes } from '../../src/tensor/axes.ts';

const kernel = loadKernel() as Kernel;
const shape = [4000, 100];

/** Numbers in memory that threads share. */
function shared(length: number, shift: number): Float64Array {
  const data = new Float64Array(new SharedArrayBuffer(8 * length));
  for (let k = 0; k < length; k++) data[k] = Math.sin(k + shift) * 3;
  return data;
}

const axes = distributionAxes(shape, 1);
const operands = {
  pair: 0,
  input: shared(400_000, 0),
  target: shared(400_000, 1),
  axes,
  temperature: 1,
  pseudocount: 0,
  wantsAgreement: true,
} as const;

const nothing = () => ({
  totals: new Float64Array(4000),
  trusted: new Uint8Array(4000),
  terms: new Float64Array(400_000),
  missing: undefined,
  agrees: new Uint8Array(4000),
});

const alone = nothing();
kernel.find(operands, alone, 0, 4000);

/** The kernel, counting the distributions that it is given. */
function counting() {
  const counted = { ...kernel, distributions: 0 };
  counted.find = (of, found, first, end) => {
    counted.distributions += end - first;
    kernel.find(of, found, first, end);
  };
  return counted;
}

test('who calls and nobody comes does all the work', () => {
  const own = counting();
  assert.deepEqual({ ...computeShared(own, operands, shape, true, () => {}) }, alone);
  assert.equal(own.distributions, 4000);
});

test('whoever comes takes blocks of the work, and what is found is the same', () => {
  const own = counting();
  const helper = counting();
  const found = computeShared(own, operands, shape, true, (work) => computeBlocks(helper, work));
  assert.deepEqual({ ...found }, alone);
  assert.equal(own.distributions + helper.distributions, 4000);
  assert.ok(helper.distributions > 0);
});

test('weights go to whoever comes, in memory that all share', () => {
  const weights = Float64Array.from({ length: 4000 }, (_, d) => d % 2);
  const masked = { ...operands, weights };
  const expected = nothing();
  kernel.find(masked, expected, 0, 4000);
  let sent: SharedBlocks['operands']['weights'];
  const found = computeShared(kernel, masked, shape, true, (work) => {
    sent = work.operands.weights;
    computeBlocks(kernel, work);
  });
  assert.ok(sent?.buffer instanceof SharedArrayBuffer);
  assert.deepEqual({ ...found }, expected);
});

test('outcomes without mass are counted by whoever comes', () => {
  const sides = [operands.input, operands.target].map((side) => {
    const masked = new Float64Array(new SharedArrayBuffer(8 * side.length));
    masked.set(side.map((x, k) => (k % 7 === 3 ? Number.NEGATIVE_INFINITY : x)));
    return masked;
  });
  const masked = { ...operands, input: sides[0], target: sides[1] };
  const { missing, trusted } = computeShared(kernel, masked, shape, false, (work) => computeBlocks(kernel, structuredClone(work)));
  assert.deepEqual(new Set(trusted), new Set([2]));
  const counts = Array.from({ length: 4000 }, (_, d) => sides[0].subarray(100 * d, 100 * d + 100).filter((x) => x < -1e300).length);
  assert.deepEqual([...(missing ?? [])], counts);
});

test('several divergences are found in blocks too, those of a distribution together', () => {
  const forms = [
    { form: 'kl', parameter: 0 },
    { form: 'jensen_shannon', parameter: 0.25 },
    { form: 'hellinger', parameter: 0 },
  ] as const;
  const expected = {
    totals: new Float64Array(12_000),
    trusted: new Uint8Array(4000),
    terms: new Float64Array(),
    missing: undefined,
    agrees: new Uint8Array(4000),
  };
  kernel.find({ ...operands, forms }, expected, 0, 4000);
  assert.ok(!expected.trusted.includes(0) && !expected.totals.includes(0));
  const found = computeShared(kernel, { ...operands, forms }, shape, false, (work) => computeBlocks(kernel, structuredClone(work)));
  assert.deepEqual({ ...found }, expected);
  // a kernel that was asked for several finds one when it is asked for one
  assert.deepEqual({ ...computeShared(kernel, operands, shape, true, () => {}) }, alone);
});

test('rows of different lengths are found in blocks too, empty ones not trusted', () => {
  const lengths = new Uint32Array(new SharedArrayBuffer(4 * 4000)).map((_, d) => (d % 50 === 7 ? 0 : 60 + ((d * 31) % 80)));
  const starts = new Uint32Array(new SharedArrayBuffer(4 * 4000));
  for (let d = 1; d < 4000; d++) starts[d] = starts[d - 1] + Math.max(1, lengths[d - 1]);
  const ragged = { ...operands, axes: rowAxes([4000], starts, lengths) };
  const expected = nothing();
  kernel.find(ragged, expected, 0, 4000);
  assert.deepEqual(
    [...expected.trusted],
    Array.from(lengths, (length) => Number(length > 0)),
  );
  const own = counting();
  const helper = counting();
  const found = computeShared(own, ragged, [4000, 139], true, (work) => computeBlocks(helper, structuredClone(work)));
  assert.deepEqual({ ...found }, expected);
  assert.equal(own.distributions + helper.distributions, 4000);
  assert.ok(helper.distributions > 0);
});

test('blocks that a helper took and never finished are done again', () => {
  const own = counting();
  const dying = (work: SharedBlocks) => {
    Atomics.add(work.progress, 0, 2);
  };
  assert.deepEqual({ ...computeShared(own, operands, shape, true, dying) }, alone);
  assert.equal(own.distributions, 4000);
});
