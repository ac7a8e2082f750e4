import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgetGarbage, isGarbageDue, noteGarbage, noteHeap } from '../../src/memory/garbage.ts';
import { collectGarbage } from '../../src/pool/collect-garbage.ts';

const mebibyte = 2 ** 20;

test('garbage that V8 does not know of is due once there are more than 16 MiB of it', () => {
  collectGarbage();
  noteGarbage(16 * mebibyte);
  assert.equal(isGarbageDue(), false);
  noteGarbage(1);
  assert.equal(isGarbageDue(), true);
});

test('texts that were reckoned at more than 16 MiB leave nothing to collect where the heap has not grown', () => {
  collectGarbage();
  noteHeap(100 * mebibyte);
  assert.equal(isGarbageDue(), false);
});

test('texts that were reckoned at more than 16 MiB are due where the heap has grown by as much', () => {
  collectGarbage();
  const held = JSON.parse(`[${'[1,2],'.repeat(500_000)}0]`);
  noteHeap(100 * mebibyte);
  assert.equal(isGarbageDue(), true);
  assert.equal(held.length, 500_001);
});

test('growth of the heap that nobody has reckoned is no garbage', () => {
  collectGarbage();
  const held = JSON.parse(`[${'[1,2],'.repeat(500_000)}0]`);
  noteHeap(mebibyte);
  assert.equal(isGarbageDue(), false);
  assert.equal(held.length, 500_001);
});

test('a collection has garbage counted anew', () => {
  noteGarbage(17 * mebibyte);
  forgetGarbage();
  assert.equal(isGarbageDue(), false);
});
