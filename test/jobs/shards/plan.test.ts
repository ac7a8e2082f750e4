import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestError } from '../../../src/errors/request-error.ts';
import type { DescribedItem } from '../../../src/jobs/shards/job-plan.ts';
import { planOfShard, slicesOf } from '../../../src/jobs/shards/job-plan.ts';
import { planJob } from '../../../src/jobs/shards/plan.ts';
import { divergencesContract } from '../../../src/schema/divergences.ts';
import { parseOptions } from '../../../src/schema/parse-request.ts';
import type { StoredTensor } from '../../../src/sources/stored-tensor.ts';
import type { Dtype } from '../../../src/tensor/dtypes.ts';

/** A tensor in as many files as it has rows for each. */
function stored(shape: readonly number[], dtype: Dtype = 'float16', rows = [shape[0]]): StoredTensor {
  const parts = rows.map((count, part) => ({ uri: `s3://logits/${part}`, pin: { size: 1 }, offset: 100, rows: count }));
  return { dtype, shape, parts };
}

const pair = (shape: readonly number[], dtype: Dtype = 'float16'): DescribedItem => ({
  pointer: '#',
  input: stored(shape, dtype),
  target: stored(shape, dtype),
});

function plan(items: readonly DescribedItem[], options: Readonly<Record<string, unknown>> = {}, isList = false) {
  const contract = options.divergences === undefined ? undefined : divergencesContract;
  return planJob({ client: 'anyone', options: parseOptions(options, contract), isList, items });
}

const refused = (step: () => unknown) => {
  let faults: RequestError['faults'] = [];
  assert.throws(step, (error: RequestError) => {
    faults = error.faults;
    return true;
  });
  return faults.map(({ code, pointer, detail }) => ({ code, pointer, detail }));
};

test('a plan is JSON, and the same for the same request and tensors', () => {
  const { plan: one } = plan([pair([1500, 128_000])]);
  assert.deepEqual(JSON.parse(JSON.stringify(one)), one);
  assert.deepEqual(plan([pair([1500, 128_000])]).plan, one);
});

test('a shard is 64 MiB of both sides, and holds whole distributions', () => {
  const { plan: planned, shards } = plan([pair([1500, 128_000])]);
  const each = 128_000 * 4;
  assert.equal(planned.ends.at(-1), 1500);
  assert.ok(shards.slice(0, -1).every(({ bytes }) => bytes <= 2 ** 26 && bytes > 2 ** 26 - each));
  assert.equal(
    shards.reduce((sum, { distributions }) => sum + distributions, 0),
    1500,
  );
  assert.deepEqual(plan([pair([3, 2 ** 21], 'float64')]).plan.ends, [2, 3]);
});

test('there are at most 3 000 shards', () => {
  const { shards, plan: planned } = plan([pair([1_000_000, 128_000])]);
  assert.ok(shards.length <= 3000 && shards.length > 1500, `${shards.length}`);
  assert.equal(planned.ends.at(-1), 1_000_000);
});

test('a shard may hold several items, and an item be in several shards', () => {
  const items = [pair([10, 4]), pair([300, 128_000]), pair([7])].map((item, at) => ({
    ...item,
    id: `item-${at}`,
    pointer: `#/items/${at}`,
  }));
  const { plan: planned } = plan(items, {}, true);
  const slices = planned.ends.map((_, shard) => slicesOf(planned, shard));
  assert.deepEqual(slices[0][0], { item: 0, from: 0, to: 10 });
  assert.equal(slices[0][1].item, 1);
  assert.deepEqual(slices.at(-1)?.at(-1), { item: 2, from: 0, to: 1 });
});

test('a shard is told of the items that it has something of, and how many distributions the others have', () => {
  const items = Array.from({ length: 100 }, () => pair([50, 128_000]));
  const { plan: whole } = plan(items, {}, true);
  for (const shard of [0, 31]) {
    const own = planOfShard(whole, shard);
    assert.deepEqual(slicesOf(own, shard), slicesOf(whole, shard));
    for (const { item } of slicesOf(whole, shard)) assert.equal(own.items[item], whole.items[item]);
    assert.ok(JSON.stringify(own).length < JSON.stringify(whole).length / 5);
  }
});

test('distributions along the last axes are rows, whatever axes they are stacked along and files they lie in', () => {
  const item = { pointer: '#', input: stored([4, 3, 5], 'float32', [1, 3]), target: stored([4, 3, 5]), weights: stored([4, 3], 'bool') };
  const [planned] = plan([item]).plan.items;
  assert.deepEqual([planned.distributions, planned.outcomes, planned.dims], [12, 5, [2]]);
  assert.deepEqual(
    [planned.input.shape, planned.input.parts.map(({ rows }) => rows)],
    [
      [12, 5],
      [3, 9],
    ],
  );
  assert.deepEqual(planned.weights?.shape, [12, 1]);
  const [joint] = plan([{ ...item, weights: stored([4], 'float64') }], { dim: [1, -1] }).plan.items;
  assert.deepEqual([joint.distributions, joint.outcomes, joint.input.shape], [4, 15, [4, 3, 5]]);
  const [all] = plan([pair([4, 3, 5])], { dim: [0, 1, 2] }).plan.items;
  assert.deepEqual([all.distributions, all.outcomes, all.input.shape], [1, 60, [4, 3, 5]]);
  // axes of size 1 lie anywhere
  assert.equal(plan([pair([4, 1, 5, 1])], { dim: 2 }).plan.items[0].distributions, 4);
});

test('axes that are not the last are refused, with what brings them there', () => {
  const [{ code, pointer, detail }] = refused(() => plan([pair([5, 4, 3])], { dim: 1 }));
  assert.deepEqual([code, pointer], ['DIM_NOT_CONTIGUOUS', '#/dim']);
  assert.match(detail, /np\.moveaxis\(x, 1, -1\)/);
  assert.match(refused(() => plan([pair([5, 4, 3])], { dim: [0, 1] }))[0].detail, /np\.moveaxis\(x, \(0, 1\), \(-2, -1\)\)/);
  assert.equal(refused(() => plan([pair([5, 4])], { dim: 2 }))[0].code, 'DIM_OUT_OF_RANGE');
});

test('tensors that do not fit together are refused where they are named', () => {
  const other = { ...pair([5, 4]), pointer: '#/items/1', target: stored([5, 3]) };
  const flags = { ...pair([5, 4]), pointer: '#/items/2', input: stored([5, 4], 'bool') };
  const weighted = { ...pair([5, 4]), pointer: '#/items/3', weights: stored([4]) };
  const faults = refused(() => plan([pair([2, 2]), other, flags, weighted], {}, true));
  assert.deepEqual(
    faults.map(({ code, pointer }) => [code, pointer]),
    [
      ['SHAPE_MISMATCH', '#/items/1/target'],
      ['INVALID_VALUE', '#/items/2/input'],
      ['SHAPE_MISMATCH', '#/items/3/weights'],
    ],
  );
  assert.match(faults[0].detail, /input has shape \[5, 4\], target \[5, 3\]: axis 1 differs/);
  assert.equal(refused(() => plan([pair([2 ** 22])]))[0].code, 'TOO_MANY_ELEMENTS');
});

test('what a job has no answer to is refused: tensors of numbers, and what is no dense distribution', () => {
  for (const reduction of ['none', 'per_distribution', 'all', ['sum', 'none']]) {
    const [{ code, pointer, detail }] = refused(() => plan([pair([2, 2])], { reduction }));
    assert.deepEqual([code, pointer], ['INVALID_VALUE', '#/reduction']);
    assert.match(detail, /"output"/);
  }
  const [{ pointer }] = refused(() => plan([pair([2, 2])], { input_kind: 'samples', target_kind: 'samples' }));
  assert.equal(pointer, '#/input_kind');
});

test('every divergence is kept up to 2²⁰ distributions, where statistics are asked for', () => {
  const keeps = (rows: number, options: Readonly<Record<string, unknown>>) => plan([pair([rows, 2])], options).plan.items[0].keepsRows;
  assert.equal(keeps(2 ** 20, { statistics: true }), true);
  assert.equal(keeps(2 ** 20 + 1, { statistics: true }), false);
  assert.equal(keeps(10, {}), false);
  assert.equal(keeps(2 ** 20, { statistics: true, divergences: ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon'] }), true);
});

test('a tensor as small as a request that is computed where it arrives takes the definition as that does', () => {
  assert.equal(plan([pair([2, 4096])]).plan.items[0].usesKernel, false);
  assert.equal(plan([pair([2, 4097])]).plan.items[0].usesKernel, true);
});
