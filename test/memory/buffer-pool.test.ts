import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBufferPool } from '../../src/memory/buffer-pool.ts';

const MiB = 2 ** 20;

test('memory that was given back is taken again by whoever it is large enough for, the smallest first', () => {
  const { take, give } = createBufferPool(100 * MiB);
  const [small, large] = [take(MiB), take(5 * MiB)];
  give(large);
  give(small);
  assert.equal(take(1000), small);
  assert.equal(take(2 * MiB), large);
  assert.ok(take(2 * MiB).byteLength < 5 * MiB);
});

test('memory that is given back to the pool twice is an error', () => {
  const { take, give } = createBufferPool(100 * MiB);
  const piece = take(MiB);
  give(piece);
  assert.throws(() => give(piece), /released twice/);
});

test('of more bytes than there may be the smallest pieces are let go, and those in use count', () => {
  const { take, give } = createBufferPool(8 * MiB);
  const [two, four, three] = [2, 4, 3].map((size) => take(size * MiB));
  for (const piece of [two, four, three]) give(piece);
  assert.equal(take(1), three);
  assert.equal(take(1), four);
  // with seven in use there is room for one more
  const [one, other] = [take(1), take(1)];
  assert.ok(one !== two && other !== two);
  give(one);
  assert.notEqual(take(1), one);
});

test('of pieces of one size, the one that came back last is taken first', () => {
  const { take, give } = createBufferPool(100 * MiB);
  const pieces = Array.from({ length: 40 }, () => take(1));
  for (const piece of pieces) give(piece);
  const again = pieces.map(() => take(1));
  assert.deepEqual(
    again.map((piece) => pieces.indexOf(piece)),
    pieces.map((_, index) => 39 - index),
  );
});

test('after ten seconds without use the pool lets all of its memory go', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { take, give } = createBufferPool(100 * MiB);
  const piece = take(MiB);
  give(piece);
  t.mock.timers.tick(9_000);
  assert.equal(take(MiB), piece);
  give(piece);
  t.mock.timers.tick(9_000);
  assert.equal(take(MiB), piece);
  give(piece);
  t.mock.timers.tick(11_000);
  assert.notEqual(take(MiB), piece);
});
