import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { computeAfterReading, sendAfterReading } from '../../src/http/after-reading.ts';

/** Has so many requests of some bytes each computed and answered. Returns what was done so far, in its order. */
function begin(count: number, bytes: number): string[] {
  const done: string[] = [];
  for (let k = 0; k < count; k++) {
    computeAfterReading(() => {
      done.push('computed');
      sendAfterReading(() => done.push('answered'));
    }, bytes);
  }
  return done;
}

test('requests that come together are all computed before the first is answered, and when there is no more to read', async () => {
  const done = begin(3, 200);
  assert.deepEqual(done, []);
  await turn();
  assert.deepEqual(done, ['computed', 'computed', 'computed', 'answered', 'answered', 'answered']);
});

test('where more than 8 KiB come together, they are computed while others are read', async () => {
  const done = begin(7, 2 ** 12);
  assert.deepEqual(done, Array(6).fill('computed'));
  await turn();
  assert.deepEqual(done, [...Array(7).fill('computed'), ...Array(7).fill('answered')]);
});
