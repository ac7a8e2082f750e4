import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float64s, uint8s, uint32s } from '../../src/memory/small-arrays.ts';

test('arrays are zeros and no two share memory, however many slabs they need', () => {
  const arrays = Array.from({ length: 3000 }, (_, k) => [uint8s, uint32s, float64s][k % 3](1 + ((k * 7) % 90)));
  for (const [k, array] of arrays.entries()) {
    assert.ok(array.every((value) => value === 0));
    array.fill(1 + (k % 200));
  }
  for (const [k, array] of arrays.entries()) assert.ok(array.every((value) => value === 1 + (k % 200)));
});
