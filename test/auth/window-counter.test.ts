import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWindowCounter } from '../../src/auth/window-counter.ts';

/** A counter of windows of 1000 ms, and what moves its clock. */
function counted() {
  let time = 5_000;
  const count = createWindowCounter(1000, () => time);
  return {
    count,
    spent: async (client: string, elements: number) => {
      const { spent, msLeft } = await count(client, elements);
      return [spent, msLeft];
    },
    pass: (ms: number) => {
      time += ms;
    },
  };
}

test('a window begins with the first request of a client, lasts as long as it is set to, and ends with nothing left of it', async () => {
  const { spent, pass } = counted();
  assert.deepEqual(await spent('a', 10), [10, 1000]);
  pass(400);
  assert.deepEqual(await spent('a', 5), [15, 600]);
  assert.deepEqual(await spent('b', 1), [1, 1000]);
  pass(600);
  assert.deepEqual(await spent('a', 1), [1, 1000]);
  assert.deepEqual(await spent('b', 1), [2, 400]);
});

test('what is given back in time lowers the count; in the next window it is no present', async () => {
  const { count, spent, pass } = counted();
  const { giveBack } = await count('a', 10);
  giveBack(4);
  assert.deepEqual(await spent('a', 0), [6, 1000]);
  pass(1000);
  giveBack(6);
  assert.deepEqual(await spent('a', 1), [1, 1000]);
});

test('the clock of the system does not matter: set back by an hour, it makes no window longer', async (t) => {
  const count = createWindowCounter(50);
  await count('a', 10);
  t.mock.method(Date, 'now', () => 0);
  const { msLeft } = await count('a', 1);
  assert.ok(msLeft <= 50, `${msLeft} ms`);
  const begin = performance.now();
  while ((await count('a', 0)).spent > 0) await new Promise(setImmediate);
  assert.ok(performance.now() - begin < 10_000);
});
