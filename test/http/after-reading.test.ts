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

test('a step that throws costs no other its turn, and its error is uncaught', async (t) => {
  const uncaught: unknown[] = [];
  process.setUncaughtExceptionCaptureCallback((error) => uncaught.push(error));
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  const done: string[] = [];
  const compute = (name: string) => () => {
    if (name.startsWith('bad')) throw name;
    done.push(name);
    sendAfterReading(() => {
      if (name.startsWith('unsent')) throw name;
      done.push(`${name} answered`);
    });
  };
  for (const name of ['a', 'bad 1', 'unsent', 'b', 'bad 2']) computeAfterReading(compute(name), 10);
  // one for each step that throws, and one for the rest
  for (let turns = 0; turns < 4; turns++) await turn();
  assert.deepEqual(uncaught, ['bad 1', 'bad 2', 'unsent']);
  assert.deepEqual(done, ['a', 'unsent', 'b', 'a answered', 'b answered']);
  // where it is too much to wait for the end of the reading, the error goes to who reads
  assert.throws(() => computeAfterReading(compute('bad 3'), 2 ** 13), /^bad 3$/);
});
