import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromJson, indexOf, positionOf, toJson } from '../../../src/explorer/tensors/tensor.ts';

test('a tensor is read in each form that the service writes', () => {
  const data = Float64Array.of(1, 2, 3, Number.POSITIVE_INFINITY);
  assert.deepEqual(
    fromJson([
      [1, 2],
      [3, 'Infinity'],
    ]),
    { shape: [2, 2], data },
  );
  assert.deepEqual(fromJson({ shape: [2, 2], data: [1, 2, 3, 'Infinity'] }), { shape: [2, 2], data });
  assert.deepEqual(fromJson({ shape: [2, 2], base64: Buffer.from(data.buffer).toString('base64') }), { shape: [2, 2], data });
  assert.deepEqual(fromJson(0.5), { shape: [], data: Float64Array.of(0.5) });
});

test('rows of different lengths, and what is no number, are no tensor', () => {
  assert.throws(() => fromJson([[1, 2], [3]]), /differ in length/);
  assert.throws(() => fromJson([{}, 1]), /no tensor/);
  assert.throws(() => fromJson({ loc: 0 }), /no tensor/);
});

test('a tensor becomes nested lists, with the strings of the service', () => {
  assert.deepEqual(toJson({ shape: [2, 2], data: Float64Array.of(1, 2, 3, Number.NEGATIVE_INFINITY) }), [
    [1, 2],
    [3, '-Infinity'],
  ]);
});

test('a position has an index in the tensor, which has that position', () => {
  for (let position = 0; position < 24; position++) assert.equal(positionOf(indexOf(position, [2, 3, 4]), [2, 3, 4]), position);
});
