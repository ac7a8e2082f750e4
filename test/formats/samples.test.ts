import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DenseRequest } from '../../src/formats/divergence-request.ts';
import { jsonReader } from '../../src/formats/json/read-request.ts';
import { safetensorsReader } from '../../src/formats/safetensors/read-request.ts';
import { writeSafetensors } from '../../src/formats/safetensors/write.ts';
import { createNumberScanner } from '../../src/kernels/number-scanner.ts';
import { klContract } from '../../src/schema/parse-request.ts';
import { answer } from '../../src/tasks/json-response.ts';
import { solve } from '../../src/tasks/solve/solve.ts';
import { ask, faultPlaces, faultsOf } from '../helper.ts';

const samples = { input_kind: 'samples', target_kind: 'samples', reduction: 'sum' } as const;
const places = (request: object) => faultPlaces(() => ask({ ...samples, ...request }));
const details = (request: object) => faultsOf(() => ask({ ...samples, ...request })).map(({ detail }) => detail);

const answered = (request: object) => JSON.parse(JSON.stringify(ask({ ...samples, ...request })));

test('counts of the bins that both sides share are what is compared', () => {
  const { bins, shape, support_size, results } = answered({ input: [1, 2, 2, 9], target: [1, 1, 8], bins: [0, 2, 4, 10] });
  assert.deepEqual(bins, { edges: [0, 2, 4, 10], counts: { input: [1, 2, 1], target: [2, 0, 1] } });
  assert.deepEqual([shape, support_size], [[3], 3]);
  const counts = { input_kind: 'counts', target_kind: 'counts', reduction: 'sum' };
  assert.deepEqual(results, ask({ ...counts, input: [1, 2, 1], target: [2, 0, 1] }).results);
});

test('the edges of an answer make the same bins in another request', () => {
  const sides = { input: [0.5, 1, 3, 3, 7], target: [0, 1, 2, 2, 2, 2] };
  for (const bins of ['doane', 'sturges', 'deciles', 4]) {
    const first = answered({ ...sides, bins }).bins;
    assert.deepEqual(answered({ ...sides, bins: first.edges }).bins, first);
  }
});

test('edges may end at infinities, as those of pandas do', () => {
  const { bins } = answered({ input: [-5, 1], target: [5], bins: ['-Infinity', 0, 2, 'Infinity'] });
  assert.deepEqual(bins, { edges: ['-Infinity', 0, 2, 'Infinity'], counts: { input: [1, 1, 0], target: [0, 0, 1] } });
});

test('rows may differ in length, on both sides, and share their bins', () => {
  const { bins, results } = answered({ input: [[1, 2, 3], [2]], target: [[3], [1, 1]], bins: 2, reduction: 'per_distribution' });
  assert.deepEqual(bins, {
    edges: [1, 2, 3],
    counts: {
      input: [
        [1, 2],
        [0, 1],
      ],
      target: [
        [0, 1],
        [2, 0],
      ],
    },
  });
  assert.equal(results.per_distribution.length, 2);
});

test('text is counted by name', () => {
  const { bins } = answered({ input: ['red', 'blue', 'red'], target: ['green', 'red'] });
  assert.deepEqual(bins, { categories: ['blue', 'green', 'red'], counts: { input: [1, 0, 2], target: [0, 1, 1] } });
});

test('flat lists and base64 are samples too, and the counts come back in the same form', () => {
  const base64 = Buffer.from(new Float64Array([1, 2, 4]).buffer).toString('base64');
  const { bins } = answered({ input: { shape: [3], data: [1, 1, 4] }, target: { shape: [3], base64 }, bins: [0, 2, 4] });
  assert.deepEqual(bins.counts, { input: { shape: [2], data: [2, 1] }, target: { shape: [2], data: [1, 2] } });
});

test('NaN and null are refused with their index, unless missing observations are an outcome', () => {
  assert.deepEqual(places({ input: [1, 'NaN', null], target: [1, 2, 3, null] }), [
    'NAN_ELEMENT #/input/1',
    'NOT_A_NUMBER #/input/2',
    'NOT_A_NUMBER #/target/3',
  ]);
  const { bins, support_size } = answered({ input: [1, 'NaN', null], target: [1, 2, 3, null], missing: 'category', bins: 2 });
  assert.deepEqual(bins, { edges: [1, 2, 3], counts: { input: [1, 0], target: [1, 2] }, missing: { input: 2, target: 1 } });
  assert.equal(support_size, 3);
});

test('a missing category is an outcome beside the others, if it is asked for', () => {
  assert.deepEqual(places({ input: ['a', null], target: ['a'] }), ['INVALID_VALUE #/input/1']);
  const { bins } = answered({ input: ['a', null], target: ['a'], missing: 'category' });
  assert.deepEqual(bins, { categories: ['a'], counts: { input: [1], target: [1] }, missing: { input: 1, target: 0 } });
});

test('"NaN" is missing among text as it is among numbers, whatever stands before it', () => {
  const sides = { input: ['NaN', 'NaN', null], target: ['a', 'NaN', 'b'] };
  const { bins, results } = answered({ ...sides, missing: 'category' });
  assert.deepEqual(bins, { categories: ['a', 'b'], counts: { input: [0, 0], target: [1, 1] }, missing: { input: 3, target: 1 } });
  assert.equal(results.sum, 'Infinity');
  assert.deepEqual(answered({ input: ['a', null, 'b'], target: sides.target, missing: 'category' }).results, { sum: 0 });
  assert.deepEqual(places({ input: ['a', 'NaN'], target: ['a'] }), ['INVALID_VALUE #/input/1']);
  assert.match(details({ input: ['a', 'NaN'], target: ['a'] })[0], /got NaN\. "missing": "category" makes an outcome of null and NaN$/);
  assert.deepEqual(places({ input: [['a'], ['NaN', 'b']], target: [['a'], ['b']] }), ['INVALID_VALUE #/input/1/0']);
});

test('"Infinity" is a category among text, wherever it stands, and no observation among numbers', () => {
  for (const input of [
    ['Infinity', 'a'],
    ['a', 'Infinity'],
  ])
    assert.deepEqual(answered({ input, target: ['a'] }).bins.categories.toSorted(), ['Infinity', 'a']);
  assert.deepEqual(places({ input: ['Infinity', 1], target: [1] }), ['INFINITE_ELEMENT #/input/0']);
});

test('where all of one side is missing, it has that outcome alone', () => {
  const { bins } = answered({ input: [null, null], target: [1, 3], missing: 'category', bins: 2 });
  assert.deepEqual(bins, { edges: [1, 2, 3], counts: { input: [0, 0], target: [1, 1] }, missing: { input: 2, target: 0 } });
});

test('each observation that is none is refused at its place, with what helps', () => {
  assert.deepEqual(places({ input: ['-Infinity', 1e271, 'x', true, [1]], target: [1] }), [
    'INFINITE_ELEMENT #/input/0',
    'NUMBER_OVERFLOW #/input/1',
    'NOT_A_NUMBER #/input/2',
    'NOT_A_NUMBER #/input/3',
    'RAGGED_TENSOR #/input/4',
  ]);
  assert.match(details({ input: [true], target: [1] })[0], /categories are text/);
  assert.deepEqual(places({ input: ['a', 1, true], target: ['b'] }), ['INVALID_VALUE #/input/1', 'INVALID_VALUE #/input/2']);
});

test('an empty list, a row that is none, and other numbers of rows are refused', () => {
  assert.deepEqual(places({ input: [], target: [[1], 2, []] }), [
    'EMPTY_TENSOR #/input',
    'RAGGED_TENSOR #/target/1',
    'EMPTY_TENSOR #/target/2',
  ]);
  assert.deepEqual(places({ input: [[1], [2]], target: [[1]] }), ['SHAPE_MISMATCH #/target']);
  assert.deepEqual(places({ input: [[1]], target: [1] }), ['SHAPE_MISMATCH #/target']);
  assert.deepEqual(places({ input: [[[1]]], target: [1] }), ['RAGGED_TENSOR #/input/0/0']);
  assert.deepEqual(places({ input: { shape: [1, 1, 1], data: [1] }, target: [1] }), ['INVALID_VALUE #/input']);
});

test('more counts than a tensor may have elements are refused, however few the observations are', () => {
  const rows = Array.from({ length: 200 }, (_, row) => [row]);
  assert.deepEqual(places({ input: rows, target: rows, bins: 5001 }), ['TOO_MANY_ELEMENTS #/bins']);
});

test('both sides are numbers, or both are text', () => {
  assert.deepEqual(places({ input: [1], target: ['a'] }), ['INVALID_VALUE #/target']);
  assert.deepEqual(places({ input: ['a'], target: ['a'], bins: 3 }), ['INVALID_VALUE #/bins']);
});

test('a row of weight 0 is not read: neither its observations nor what is wrong with them are seen', () => {
  const { bins, results } = answered({
    input: [
      [1, 2],
      ['x', null],
    ],
    target: [[2, 2], [1e300]],
    weights: [1, 0],
    bins: 2,
    reduction: 'per_distribution',
  });
  assert.deepEqual(bins.counts.input, [
    [1, 1],
    [0, 0],
  ]);
  assert.deepEqual([bins.edges, results.per_distribution[1]], [[1, 1.5, 2], 'NaN']);
  assert.deepEqual(places({ input: [[1], [2]], target: [[1], [2]], weights: [1] }), ['SHAPE_MISMATCH #/weights']);
});

test('options that make no sense together are refused', () => {
  const sides = { input: [1, 2], target: [1] };
  assert.deepEqual(places({ ...sides, target_kind: 'counts' }), ['INVALID_VALUE #/target_kind']);
  assert.deepEqual(places({ ...sides, dim: 0 }), ['INVALID_VALUE #/dim']);
  assert.deepEqual(places({ ...sides, temperature: 2 }), ['INVALID_VALUE #/temperature', 'INVALID_VALUE #/temperature']);
  assert.deepEqual(places({ ...sides, seed: 1 }), ['INVALID_VALUE #/seed']);
  assert.deepEqual(places({ ...sides, sampling: false, confidence: 0.9 }), ['INVALID_VALUE #/confidence']);
  for (const kind of ['logits', 'probs'] as const) {
    const of = { input: [[0.5, 0.5]], target: [[0.5, 0.5]], input_kind: kind, target_kind: kind };
    for (const option of [{ bins: 3 }, { missing: 'category' }, { sampling: true }, { confidence: 0.5 }]) {
      assert.deepEqual(places({ ...of, ...option }), [`INVALID_VALUE #/${Object.keys(option)[0]}`]);
    }
  }
});

test('bins that are none are refused, edges at the one that does not ascend', () => {
  const sides = { input: [1, 2], target: [1] };
  assert.deepEqual(places({ ...sides, bins: [0, 2, 1, 3] }), ['INVALID_VALUE #/bins/2']);
  assert.deepEqual(places({ ...sides, bins: [0, 1, 1, 3] }), ['INVALID_VALUE #/bins/2']);
  for (const bins of [0, 1.5, -1, 10_001, 'doan', [], [1], [1, 1], true, Array(20_000).fill(1)]) {
    assert.match(String(places({ ...sides, bins })), /^INVALID_VALUE #\/bins/, String(bins).slice(0, 20));
  }
});

const scanTensor = createNumberScanner();
const readJson = jsonReader(klContract);

function large(request: object) {
  const bytes = Buffer.from(JSON.stringify({ ...samples, ...request }));
  const body = { bytes, numbers: new Float64Array(1000), waitFor: () => bytes.length };
  return JSON.parse(JSON.stringify(answer(solve(readJson(body, {}, 400, scanTensor)))));
}

const observations = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, min: -1e9, max: 1e9 })), { minLength: 1 });

test('a large request, whose numbers are scanned, is answered as a small one, whatever the shape of the samples', () => {
  const rows = fc.array(observations, { minLength: 2, maxLength: 2 });
  const bins = fc.constantFrom<unknown>('doane', 'sturges', 'deciles', 7, [-1, 0, 1]);
  fc.assert(
    fc.property(fc.oneof(fc.tuple(observations, observations), fc.tuple(rows, rows)), bins, ([input, target], bins) => {
      assert.deepEqual(large({ input, target, bins }), answered({ input, target, bins }));
    }),
  );
  for (const odd of ['NaN', null, '-Infinity', 1e280, 'x']) {
    assert.deepEqual(
      faultPlaces(() => large({ input: [1, odd], target: [2, 3] })),
      places({ input: [1, odd], target: [2, 3] }),
    );
  }
  assert.deepEqual(
    large({ input: [1, null], target: [2], missing: 'category' }),
    answered({ input: [1, null], target: [2], missing: 'category' }),
  );
});

test('rows of different lengths are scanned where they are samples; of tensors, large or small, the same is wrong', () => {
  const numbers = new Float64Array(10);
  const bytes = Buffer.from(JSON.stringify({ ...samples, input: [[1, 2, 3], [4]], target: [[5], [6, 7]] }));
  readJson({ bytes, numbers, waitFor: () => bytes.length }, {}, 10, scanTensor);
  assert.deepEqual([...numbers.subarray(0, 7)], [1, 2, 3, 4, 5, 6, 7]);
  const ragged = [[1, 2, 3], [4]];
  for (const [input, kind] of [
    [ragged, 'counts'],
    [ragged, 'normal'],
    [{ shape: [2, 2], data: ragged }, 'samples'],
    [{ shape: [2, 2], data: ragged }, 'counts'],
  ]) {
    const request = { input, target: ragged, input_kind: kind, target_kind: kind };
    assert.deepEqual(
      faultPlaces(() => large(request)),
      places(request),
    );
  }
  const weighted = { input: [[1, 2, 3], [4], [5, 5]], target: [[5], [6, 7], [5, 6, 7]], weights: [1, 0, 2] };
  assert.deepEqual(large(weighted), answered(weighted));
});

const readSafetensors = safetensorsReader(klContract);

test('samples in safetensors are rows of one length on each side, with NaN for what is missing', () => {
  const tensor = (shape: number[], ...data: number[]) => ({ shape, data: Float64Array.from(data) });
  const body = (tensors: Parameters<typeof writeSafetensors>[0]) => {
    const bytes = Buffer.concat(writeSafetensors(tensors, {}));
    return { bytes, numbers: new Float64Array(0), waitFor: () => bytes.length };
  };
  const tensors = { input: tensor([2, 3], 1, 2, 3, 2, 2, Number.NaN), target: tensor([2, 2], 1, 1, 3, 3) };
  const query = { ...samples, bins: '2' };
  const read = (more: object) => readSafetensors(body(tensors), { ...query, ...more }, 100) as DenseRequest;
  const request = read({ missing: 'category' });
  assert.deepEqual([...request.input.tensor.data], [1, 2, 0, 0, 2, 1]);
  assert.deepEqual([...request.target.tensor.data], [2, 0, 0, 0, 2, 0]);
  const [{ pointer, code, detail }] = faultsOf(() => read({}));
  assert.deepEqual([pointer, code], ['#/input', 'NAN_ELEMENT']);
  assert.match(detail, /^element \[1, 2\]/);
  assert.deepEqual([...(read({ missing: 'category', bins: '0,2,5' }).binned?.edges ?? [])], [0, 2, 5]);
});
