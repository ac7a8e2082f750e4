import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteTensor, numbersOf } from '../../../src/explorer/tensors/dtype.ts';
import { slice } from '../../../src/explorer/tensors/slice.ts';

/** np.arange(24).reshape(2, 3, 4) as float32. */
const cube: ByteTensor = {
  dtype: 'F32',
  shape: [2, 3, 4],
  bytes: new Uint8Array(Float32Array.from({ length: 24 }, (_, place) => place).buffer),
};

// as NumPy answers
const slices: readonly (readonly [string, number[], number[]])[] = [
  ['', [2, 3, 4], Array.from({ length: 24 }, (_, place) => place)],
  ['1', [3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]],
  ['[0, 1]', [4], [4, 5, 6, 7]],
  ['1, :, 2', [3], [14, 18, 22]],
  [':, 0:2, 1:3', [2, 2, 2], [1, 2, 5, 6, 13, 14, 17, 18]],
  ['-1, -1, -1', [], [23]],
  [':, :, :-2', [2, 3, 2], [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21]],
  ['0, 1:', [2, 4], [4, 5, 6, 7, 8, 9, 10, 11]],
];

for (const [text, shape, numbers] of slices) {
  test(`the slice "${text}" takes what NumPy takes`, () => {
    const part = slice(cube, text);
    assert.deepEqual([part.shape, [...numbersOf(part)]], [shape, numbers]);
  });
}

test('a slice that takes nothing, or more axes than there are, is refused with the axis', () => {
  assert.throws(() => slice(cube, '2'), /axis 0: expected a place from 0 to 1/);
  assert.throws(() => slice(cube, ':, 2:1'), /axis 1: the range 2:1 is empty/);
  assert.throws(() => slice(cube, '0, 0, 0, 0'), /4 axes, the tensor has 3/);
  assert.throws(() => slice(cube, 'first'), /axis 0/);
});
