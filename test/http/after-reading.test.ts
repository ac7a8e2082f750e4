import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { computeAfterReading, sendAfterReading } from '../../src/http/after-reading.ts';

/** Has so many requests computed and answered. Returns what was done so far, in its order. */
function begin(count: number): string[] {
  const done: string[] = [];
  for (let k = 0; k < count; k++) {
    computeAfterReading(() => {
      done.push('computed');
      sendAfterReading(() => done.push('answered'));
    });
  }
  return done;
}

test('requests that come together are all computed before the first is answered, and when there is no more to read', async () => {
  const done = begin(3);
  assert.deepEqual(done, []);
  await turn();
  assert.deepEqual(done, ['computed', 'computed', 'computed', 'answered', 'answered', 'answered']);
});

test('where many requests come together, 32 at a time are computed while others are read', async () => {
  const done = begin(70);
  assert.deepEqual(done, Array(64).fill('computed'));
  await turn();
  assert.deepEqual(done, [...Array(70).fill('computed'), ...Array(70).fill('answered')]);
});
