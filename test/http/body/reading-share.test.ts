import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setImmediate as iteration } from 'node:timers/promises';
import { joinReading } from '../../../src/http/body/reading-share.ts';

let leaves: (() => void)[] = [];

afterEach(() => {
  for (const leave of leaves) leave();
  leaves = [];
});

/** A body that counts how often it was paused and resumed. */
function bodyOf() {
  const seen = { paused: 0, resumed: 0 };
  const payload = { pause: () => void seen.paused++, resume: () => void seen.resumed++ } as unknown as Parameters<typeof joinReading>[0];
  const share = joinReading(payload);
  leaves.push(share.leave);
  return { seen, ...share };
}

test('a body alone pauses when 2 MiB of it have been read, and goes on in the next iteration of the event loop', async () => {
  const { seen, read } = bodyOf();
  read(2 ** 21 - 1);
  assert.deepEqual(seen, { paused: 0, resumed: 0 });
  read(1);
  assert.deepEqual(seen, { paused: 1, resumed: 0 });
  await iteration();
  assert.deepEqual(seen, { paused: 1, resumed: 1 });
});

test('four bodies have a quarter of 2 MiB each, and the last one that is left has all of it', () => {
  const [first, ...others] = Array.from({ length: 4 }, bodyOf);
  others[0].read(2 ** 19);
  assert.equal(others[0].seen.paused, 1);
  for (const { leave } of others) leave();
  first.read(2 ** 21 - 1);
  assert.equal(first.seen.paused, 0);
  first.read(1);
  assert.equal(first.seen.paused, 1);
});

test('however many bodies there are, none pauses before 128 KiB', () => {
  const bodies = Array.from({ length: 64 }, bodyOf);
  bodies[0].read(2 ** 17 - 1);
  assert.equal(bodies[0].seen.paused, 0);
  bodies[0].read(1);
  assert.equal(bodies[0].seen.paused, 1);
});

test('a body that is not read any more is not resumed', async () => {
  const { seen, read, leave } = bodyOf();
  read(2 ** 21);
  leave();
  await iteration();
  assert.deepEqual(seen, { paused: 1, resumed: 0 });
});
