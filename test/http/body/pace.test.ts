import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPace } from '../../../src/http/body/pace.ts';

/** A pace, and its clock, which is moved by hand. */
function paced() {
  let now = 1000;
  const pace = createPace(() => now);
  const after = (ms: number, bytes?: number) => {
    now += ms;
    if (bytes !== undefined) pace.reached(bytes);
    return pace.slowSince(now);
  };
  return after;
}

test('a body is too slow when nothing has come for 2 s, since the last that came', () => {
  const after = paced();
  assert.equal(after(500, 10), undefined);
  assert.equal(after(1999), undefined);
  assert.equal(after(1), 1500);
  assert.equal(after(0, 20), undefined);
});

test('a body of which something comes every second is too slow when less than 64 KiB has come in 10 s', () => {
  const after = paced();
  for (let second = 1; second < 10; second++) assert.equal(after(1000, second), undefined);
  assert.equal(after(1000, 10), 1000);
  assert.equal(after(1000, 10 + 2 ** 16), undefined);
});

test('a line that follows another has as long as the first', () => {
  const after = paced();
  for (let second = 1; second < 10; second++) after(1000, second);
  assert.equal(after(500, 0), undefined);
  for (let second = 1; second < 10; second++) assert.equal(after(1000, second), undefined);
});
