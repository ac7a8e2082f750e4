import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asSent, type ByteTensor, type DtypeName, numbersOf } from '../../../src/explorer/tensors/dtype.ts';
import { readEntry } from '../../../src/formats/safetensors/entry.ts';

/** Typed arrays of each number type, which say what its bytes mean. */
const arrays: readonly (readonly [DtypeName, ArrayBufferView])[] = [
  ['F64', Float64Array.of(1, -0.5)],
  ['F32', Float32Array.of(1, -0.5)],
  ['F16', Float16Array.of(1, -0.5)],
  ['I64', BigInt64Array.of(1n, -7n)],
  ['I32', Int32Array.of(1, -7)],
  ['I16', Int16Array.of(1, -7)],
  ['I8', Int8Array.of(1, -7)],
  ['U64', BigUint64Array.of(1n, 7n)],
  ['U32', Uint32Array.of(1, 7)],
  ['U16', Uint16Array.of(1, 7)],
  ['U8', Uint8Array.of(1, 7)],
  ['BOOL', Uint8Array.of(1, 0)],
];

/** Whether the service reads a tensor as a side of a request. */
function isRead({ dtype, shape, bytes: { byteLength } }: ByteTensor): boolean {
  try {
    return readEntry('input', { dtype, shape, data_offsets: [0, byteLength] }, byteLength, 10).dtype === dtype;
  } catch {
    return false;
  }
}

for (const [dtype, array] of arrays) {
  test(`${dtype} is read from its bytes, and sent as ${dtype === 'BOOL' ? 'U8' : 'it is'}, which the service reads`, () => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const tensor: ByteTensor = { dtype, shape: [2], bytes };
    const numbers = Array.from(array as unknown as ArrayLike<number | bigint>, Number);
    assert.deepEqual([...numbersOf(tensor)], numbers);
    const sent = asSent(tensor);
    assert.deepEqual([...numbersOf(sent)], numbers);
    assert.deepEqual([sent.dtype, isRead(sent)], [dtype === 'BOOL' ? 'U8' : dtype, true]);
  });
}

test('half precision has its infinities, its NaN and its smallest numbers', () => {
  const bytes = new Uint8Array(Uint16Array.of(0x7c00, 0xfc00, 0x7e00, 0x0001).buffer);
  assert.deepEqual(
    [...numbersOf({ dtype: 'F16', shape: [4], bytes })],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 2 ** -24],
  );
});

test('bfloat16 is the upper half of float32, and a boolean is 0 or 1', () => {
  assert.deepEqual([...numbersOf({ dtype: 'BF16', shape: [1], bytes: Uint8Array.of(0x80, 0x3f) })], [1]);
  assert.deepEqual([...numbersOf({ dtype: 'BOOL', shape: [2], bytes: Uint8Array.of(0, 2) })], [0, 1]);
});
