import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inParallel } from '../../src/sources/in-parallel.ts';

test('results are in the order of the values, and no more steps run at a time than are allowed', async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([5, 1, 4, 2, 3], 2, async (value, index) => {
    running++;
    most = Math.max(most, running);
    for (let turns = 0; turns < value; turns++) await turn();
    running--;
    return `${index}:${value}`;
  });
  assert.deepEqual(results, ['0:5', '1:1', '2:4', '3:2', '4:3']);
  assert.equal(most, 2);
});

test('of steps that fail the first in order is thrown, whichever failed first, and no further step begins', async () => {
  const begun: number[] = [];
  const failing = inParallel([3, 1, 1, 1], 2, async (value, index) => {
    begun.push(index);
    for (let turns = 0; turns < value; turns++) await turn();
    throw new Error(`step ${index}`);
  });
  await assert.rejects(failing, /step 0/);
  assert.deepEqual(begun, [0, 1]);
  assert.deepEqual(await inParallel([], 2, async () => 1), []);
});
