import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChunkBuffer } from '../../../src/http/body/chunk-buffer.ts';

const bytesOf = (length: number, first: number) => Buffer.from(Uint8Array.from({ length }, (_, at) => first + at));

test('pieces of any sizes come out as they went in, one after the other, and then there are none', () => {
  const sizes = [1, 0, 5, 4095, 4096, 1, 1, 70_000, 3, 4000, 4000, 4000, 4000, 4000, 9000, 2];
  const parts = sizes.map((size, index) => bytesOf(size, index));
  const some = createChunkBuffer();
  for (const round of [1, 2]) {
    for (const part of parts) some.append(part);
    const expected = Buffer.concat(parts);
    assert.equal(some.length(), expected.length);
    assert.ok(some.take().equals(expected), `round ${round}`);
    assert.equal(some.length(), 0);
  }
  assert.equal(some.take().length, 0);
});

test('a piece that comes alone is not copied', () => {
  const some = createChunkBuffer();
  const only = bytesOf(400, 7);
  some.append(only);
  assert.equal(some.take(), only);
});

test('a million pieces of a byte take little more memory than their bytes', () => {
  const some = createChunkBuffer();
  const byte = Buffer.from('x');
  const before = process.memoryUsage();
  for (let count = 0; count < 1_000_000; count++) some.append(byte);
  const after = process.memoryUsage();
  const taken = after.external - before.external + Math.max(0, after.heapUsed - before.heapUsed);
  assert.ok(taken < 4_000_000, `${taken} bytes`);
  assert.equal(some.take().length, 1_000_000);
});

test('pieces that are given away come in their order, and what comes next begins anew', () => {
  const body = createChunkBuffer();
  const all = Array.from({ length: 50 }, (_, k) => Buffer.alloc(k % 7 === 0 ? 5000 : k, k));
  for (const piece of all) body.append(piece);
  const given: Buffer[] = [];
  body.drain((piece) => given.push(Buffer.from(piece)));
  assert.deepEqual(Buffer.concat(given), Buffer.concat(all));
  body.append(Buffer.from('next'));
  assert.equal(body.take().toString(), 'next');
});

test('pieces are given away until so many bytes are gone, and the rest stays', () => {
  const body = createChunkBuffer();
  for (const size of [5000, 6000, 7000]) body.append(Buffer.alloc(size));
  const given: number[] = [];
  body.drain(({ length }) => given.push(length), 5001);
  assert.deepEqual([given, body.length()], [[5000, 6000], 7000]);
  body.drain(({ length }) => given.push(length));
  assert.deepEqual([given, body.length()], [[5000, 6000, 7000], 0]);
});
