import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { elementCount, unravel } from '../../src/tensor/tensor.ts';
import { faultPlaces } from '../helper.ts';

test('starts and steps together name every element once, and in row-major order of the remaining axes', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      shapes.chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()], { minLength: 1 }))),
      ([shape, dims]) => {
        const axes = distributionAxes(shape, dims);
        const elements = [...axes.distributionOffsets].flatMap((start) => [...axes.outcomeOffsets].map((step) => start + step));
        assert.deepEqual(
          elements.toSorted((a, b) => a - b),
          [...Array(elementCount(shape)).keys()],
        );
        assert.equal(elementCount(axes.shape), axes.distributionOffsets.length);
        const isSorted = (offsets: Uint32Array) => offsets.every((offset, position) => position === 0 || offset > offsets[position - 1]);
        assert.ok(isSorted(axes.distributionOffsets) && isSorted(axes.outcomeOffsets));
        for (const step of axes.outcomeOffsets) assert.ok(unravel(step, shape).every((index, axis) => index === 0 || dims.includes(axis)));
      },
    ),
  );
});

test('dim from -rank to rank - 1 exists, and beyond it does not', () => {
  assert.deepEqual(distributionAxes([2, 3], -2).dims, [0]);
  assert.deepEqual(distributionAxes([2, 3], 1).dims, [1]);
  assert.deepEqual(
    faultPlaces(() => distributionAxes([2, 3], 2)),
    ['DIM_OUT_OF_RANGE #/dim'],
  );
  assert.deepEqual(
    faultPlaces(() => distributionAxes([2, 3], [0, -3])),
    ['DIM_OUT_OF_RANGE #/dim/1'],
  );
});

test('an axis named twice is refused, also by its negative', () => {
  assert.deepEqual(
    faultPlaces(() => distributionAxes([2, 3], [1, -1])),
    ['DUPLICATE_DIM #/dim/1'],
  );
  assert.deepEqual(distributionAxes([2, 3], [1, -2]).dims, [0, 1]);
});
