import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyMemory } from '../../src/wire/body-memory.ts';

const MiB = 2 ** 20;

test('memory that was given back is taken again by whoever it is large enough for, the smallest first', () => {
  const { take, give } = bodyMemory(2);
  const [small, large] = [take(MiB), take(5 * MiB)];
  give(large);
  give(small);
  assert.equal(take(1000), small);
  assert.equal(take(2 * MiB), large);
  assert.ok(take(2 * MiB).byteLength < 5 * MiB);
});

test('memory is given back once', () => {
  const { take, give } = bodyMemory(2);
  const piece = take(MiB);
  give(piece);
  assert.throws(() => give(piece), /given back twice/);
});

test('of more pieces than are kept the largest stay', () => {
  const { take, give } = bodyMemory(2);
  const pieces = [2, 4, 3].map((size) => take(size * MiB));
  for (const piece of pieces) give(piece);
  assert.equal(take(1), pieces[2]);
  assert.equal(take(1), pieces[1]);
  assert.ok(!pieces.includes(take(1)));
});

test('beside the largest, 32 pieces of the smallest size are kept, and the one that came back last is taken first', () => {
  const { take, give } = bodyMemory(1);
  const large = take(2 * MiB);
  const pieces = Array.from({ length: 40 }, () => take(1));
  for (const piece of [large, ...pieces]) give(piece);
  const again = Array.from({ length: 32 }, () => take(1));
  assert.ok(again.every((piece, index) => piece === pieces[39 - index]));
  assert.equal(take(1), large);
  assert.ok(!pieces.includes(take(1)));
});

test('after a time without use all of it is let go', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { take, give } = bodyMemory(1);
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
