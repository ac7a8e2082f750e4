import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSafetensors } from '../../../src/explorer/files/safetensors.ts';
import { bodyFor, numbersAt } from '../../../src/explorer/results/body.ts';
import { type Attached, emptyState, type State } from '../../../src/explorer/state/state.ts';
import { type ByteTensor, type DtypeName, numbersOf } from '../../../src/explorer/tensors/dtype.ts';

/** Two numbers in each type that typed arrays do not read one by one, or that the page reads itself. */
const arrays: readonly (readonly [DtypeName, ArrayBufferView])[] = [
  ['F64', Float64Array.of(3, 5)],
  ['F32', Float32Array.of(3, 5)],
  ['F16', Float16Array.of(3, 5)],
  ['BF16', Uint16Array.of(0x4040, 0x40a0)],
  ['I64', BigInt64Array.of(3n, 5n)],
  ['I32', Int32Array.of(3, 5)],
  ['I16', Int16Array.of(3, 5)],
  ['I8', Int8Array.of(3, 5)],
  ['U64', BigUint64Array.of(3n, 5n)],
  ['U32', Uint32Array.of(3, 5)],
  ['U16', Uint16Array.of(3, 5)],
  ['U8', Uint8Array.of(3, 5)],
];

function attached([dtype, { buffer, byteOffset, byteLength }]: readonly [DtypeName, ArrayBufferView]): Attached {
  const tensor: ByteTensor = { dtype, shape: [2], bytes: new Uint8Array(buffer, byteOffset, byteLength) };
  return { file: 'a.npy', tensors: new Map([['a', tensor]]), chosen: 'a', slice: '' };
}

const withFile = (file: Attached, target = '[2, 1]'): State => ({
  ...emptyState,
  attached: { input: file },
  texts: { input: '', target, weights: '1' },
});

test('texts are sent as JSON, and as soon as one side is a file all are bytes, with the options in the query', async () => {
  const state: State = { ...emptyState, texts: { input: '[1, 2]', target: '[2, 1]', weights: '' } };
  const { query, body } = bodyFor(state, { reduction: 'sum' });
  assert.deepEqual([query, JSON.parse(String(body))], ['', { input: [1, 2], target: [2, 1], reduction: 'sum' }]);
  const sent = bodyFor(withFile(attached(arrays[0])), { reduction: ['sum', 'mean'], base: 2 });
  assert.equal(sent.query, '?reduction=sum%2Cmean&base=2');
  assert.ok(sent.body instanceof Blob);
  const { tensors } = readSafetensors(new Uint8Array(await sent.body.arrayBuffer()));
  const numbers = Object.fromEntries([...tensors].map(([name, tensor]) => [name, [...numbersOf(tensor)]]));
  assert.deepEqual(numbers, { input: [3, 5], target: [2, 1], weights: [1] });
});

test('what no query spells is sent as JSON, so that the service quotes it', () => {
  const fields = { bins: { count: 4, from: 0 }, dim: [[0], 1], statistics: [0.5], base: null };
  const { query } = bodyFor(withFile(attached(arrays[0])), fields);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(query)), {
    bins: '{"count":4,"from":0}',
    dim: '[[0],1]',
    statistics: '0.5',
    base: 'null',
  });
});

test('the bytes of one state are made once, however often they are sent', () => {
  const state = withFile(attached(arrays[0]));
  assert.equal(bodyFor(state, {}).body, bodyFor(state, { base: 2 }).body);
});

for (const array of arrays) {
  test(`single numbers of a file of ${array[0]} are read from its bytes`, () => {
    assert.deepEqual(numbersAt('input', [1, 0], withFile(attached(array))), [5, 3]);
  });
}

test('beside a file a side must be numbers, and its slice one of the file', () => {
  assert.throws(() => bodyFor(withFile(attached(arrays[0]), '["a", "b"]'), {}), /target: the other side is a file/);
  assert.equal(numbersAt('target', [0], withFile(attached(arrays[0]), '["a", "b"]')), undefined);
  assert.equal(numbersAt('input', [0], withFile({ ...attached(arrays[0]), chosen: 'b' })), undefined);
});
