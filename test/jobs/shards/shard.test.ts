import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestError } from '../../../src/errors/request-error.ts';
import { mergePartials } from '../../../src/jobs/shards/merge.ts';
import { computeShard } from '../../../src/jobs/shards/shard.ts';
import { readSafetensors } from '../../formats/safetensors/read-safetensors.ts';
import { gate } from '../engines/toy-worker.ts';
import { answerOfJob, answerOfRequest, held, jobOf, shardsOf } from './helper.ts';
import { pairOf } from './pairs.ts';

const tensor = (rows: number[][]) => held([rows.length, rows[0].length], Float64Array.from(rows.flat()));

const faultsOf = async (job: Promise<unknown>) => {
  let faults: readonly (readonly [string, string])[] = [];
  await assert.rejects(job, (error: RequestError) => {
    faults = error.faults.map(({ code, pointer }) => [code, pointer]);
    return true;
  });
  return faults;
};

test('a fault names the element of the whole tensor', async () => {
  const rows = 73_300;
  const input = new Float32Array(rows * 8).fill(1);
  const target = new Float32Array(rows * 8).fill(2);
  target[73_204 * 8 + 5] = Number.NaN;
  input[73_204 * 8 + 7] = Number.POSITIVE_INFINITY;
  const pair = { input: held([rows, 8], input), target: held([rows, 8], target) };
  const expected = [
    ['INFINITE_ELEMENT', '#/input/73204/7'],
    ['NAN_ELEMENT', '#/target/73204/5'],
  ];
  assert.deepEqual(await faultsOf(answerOfJob([pair], {})), expected);
  assert.deepEqual(await faultsOf(answerOfJob([pair], {}, { shards: 100 })), expected);
  const cube = { input: held([2, rows / 2, 8], input), target: held([2, rows / 2, 8], target) };
  assert.deepEqual((await faultsOf(answerOfJob([cube], {})))[1], ['NAN_ELEMENT', '#/target/1/36554/5']);
});

test('a fault of one of many pairs leads to it', async () => {
  const good = { input: tensor([[1, 2]]), target: tensor([[2, 1]]) };
  const bad = { input: tensor([[1, 2]]), target: tensor([[Number.NaN, 1]]) };
  const empty = { input: tensor([[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]]), target: tensor([[0, 1]]) };
  assert.deepEqual(await faultsOf(answerOfJob([good, bad], {}, { isList: true })), [['NAN_ELEMENT', '#/items/1/target/0/0']]);
  assert.deepEqual(await faultsOf(answerOfJob([good, empty], {}, { isList: true })), [['ZERO_MASS', '#/items/1/input/0']]);
});

test('a weight that is none is pointed at, and what has the weight 0 is not read', async () => {
  const input = tensor([
    [1, 2],
    [Number.NaN, Number.NaN],
    [3, 1],
  ]);
  const target = tensor([
    [2, 1],
    [0, 0],
    [1, 1],
  ]);
  const weights = held([3], Float64Array.of(1, 0, 2));
  assert.deepEqual(await answerOfJob([{ input, target, weights }], {}, { shards: 3 }), answerOfRequest({ input, target, weights }, {}));
  const wrong = held([3], Float64Array.of(1, 0, -2));
  assert.deepEqual(await faultsOf(answerOfJob([{ input, target, weights: wrong }], {}, { shards: 3 })), [['NEGATIVE_MASS', '#/weights/2']]);
});

test('weights that are all 0 leave nothing to average', async () => {
  const pair = {
    input: tensor([
      [1, 2],
      [2, 1],
    ]),
    target: tensor([
      [2, 1],
      [1, 2],
    ]),
    weights: held([2], Float64Array.of(0, 0)),
  };
  assert.deepEqual(await faultsOf(answerOfJob([pair], {}, { shards: 2 })), [['ZERO_WEIGHT', '#/weights']]);
  assert.deepEqual(await faultsOf(answerOfJob([pair], {}, { isList: true })), [['ZERO_WEIGHT', '#/items/0/weights']]);
  assert.deepEqual(await answerOfJob([pair], { reduction: 'sum' }), answerOfRequest(pair, { reduction: 'sum' }));
});

test('strict refuses the answer of a job for its warnings', async () => {
  const pair = { input: tensor([[0.5, 0.6]]), target: tensor([[0.5, 0.5]]) };
  const options = { input_kind: 'probs', target_kind: 'probs', strict: true, reduction: 'sum' };
  assert.deepEqual((await faultsOf(answerOfJob([pair], options)))[0], ['STRICT_WARNINGS', '#/input']);
});

test('many pairs are answered each by its id, as the requests that they are', async () => {
  const pairs = [1, 2, 3].map((seed) => ({
    id: `day-${seed}`,
    ...pairOf({ seed, rows: seed * 5, outcomes: 9, dtype: 'float64', odd: 0.2 }, 'counts', seed === 2),
  }));
  const options = { input_kind: 'counts', target_kind: 'counts', divergences: ['jeffreys'], statistics: true };
  const expected = { items: pairs.map(({ id, ...pair }) => ({ id, status: 200, ...answerOfRequest(pair, options) })) };
  for (const shards of [1, 2, 100]) assert.deepEqual(await answerOfJob(pairs, options, { shards, isList: true }), expected);
});

test('a distribution along all axes is one, in whatever files it lies', async () => {
  const numbers = (seed: number) => Float64Array.from({ length: 60 }, (_, at) => Math.sin(at * seed));
  const pair = { input: held([5, 12], numbers(1)), target: held([5, 12], numbers(2)) };
  assert.deepEqual(await answerOfJob([pair], { dim: [0, 1] }), answerOfRequest(pair, { dim: [0, 1] }));
});

test('distributions of a size beyond a piece are read one by one', async () => {
  const pair = pairOf({ seed: 9, rows: 3, outcomes: 300_000, dtype: 'float64', odd: 0 }, 'logits', false);
  assert.deepEqual(await answerOfJob([pair], { statistics: true }, { shards: 3 }), answerOfRequest(pair, { statistics: true }));
});

test('divergences of single distributions are written, one file a shard, NaN where nothing was read', async () => {
  const pair = pairOf({ seed: 4, rows: 7, outcomes: 5, dtype: 'float64', odd: 0 }, 'logits', true);
  const { plan, compute, written } = jobOf([pair], { divergences: ['kl', 'jeffreys'] }, { shards: 3, output: 's3://results/kl-' });
  for (const shard of shardsOf(plan)) await compute(shard);
  const names = shardsOf(plan).map((shard) => `kl-0000${shard + 1}-of-0000${plan.ends.length}.safetensors`);
  assert.deepEqual([...written.keys()], names);
  const known = { known: ['kl', 'jeffreys'], missing: () => [] };
  const files = names.map((name) => readSafetensors(written.get(name) ?? new Uint8Array(0), 100, known));
  const request = answerOfRequest(pair, { divergences: ['kl', 'jeffreys'], reduction: 'per_distribution' }) as {
    divergences: Record<string, { results: { per_distribution: unknown } }>;
  };
  for (const key of ['kl', 'jeffreys']) {
    const values = files.flatMap((file) => [...file[key].data]);
    const expected = JSON.parse(JSON.stringify(request.divergences[key].results.per_distribution)).map(Number);
    assert.deepEqual(values, expected);
  }
});

test('a shard ends where nobody waits for it any more', async () => {
  const pair = pairOf({ seed: 4, rows: 70, outcomes: 100_000, dtype: 'float16', odd: 0 }, 'logits', false);
  const { plan, tools } = jobOf([pair], {});
  let checks = 0;
  const check = () => {
    if (++checks === 3) throw new Error('gone');
  };
  await assert.rejects(computeShard(plan, 0, { ...tools, check }), /gone/);
});

test('a shard that fails ends when nothing is read any more, since the next one reads to the same memory', async () => {
  const pair = pairOf({ seed: 4, rows: 7, outcomes: 5, dtype: 'float64', odd: 0 }, 'logits', false);
  const { plan, tools } = jobOf([pair], {});
  const [{ input }] = plan.items;
  const log: string[] = [];
  const isOver = gate();
  const readerOf: typeof tools.readerOf = (tensor) => {
    const { read } = tools.readerOf(tensor);
    const isInput = tensor === input;
    return {
      read: async (from, to, into) => {
        if (isInput) throw new Error('cut short');
        await isOver.passed;
        log.push('target read');
        return read(from, to, into);
      },
      close: async () => void log.push(isInput ? 'input closed' : 'target closed'),
    };
  };
  const failed = computeShard(plan, 0, { ...tools, readerOf }).catch(({ message }) => log.push(message));
  setImmediate(isOver.open);
  await failed;
  assert.deepEqual(log, ['target read', 'input closed', 'target closed', 'cut short']);
});

test('a merge needs every shard', async () => {
  const { plan, compute } = jobOf(
    [pairOf({ seed: 4, rows: 7, outcomes: 5, dtype: 'float64', odd: 0 }, 'logits', false)],
    {},
    { shards: 3 },
  );
  await assert.rejects(mergePartials(plan, [await compute(0), await compute(0)]), /1 of \d shards are there/);
});
