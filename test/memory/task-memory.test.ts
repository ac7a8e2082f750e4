import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float64s, uint8s, unsetFloat64s, unsetInt32s } from '../../src/memory/small-arrays.ts';
import { arraysSoFar, freeArraysSince, keepingArrays, lendRoom, takeMemory, withTaskMemory } from '../../src/memory/task-memory.ts';

const MiB = 2 ** 20;
const nothingKept = () => [];

test('long arrays are claimed before they are taken, in steps, once what is granted is used up', () => {
  const claims: number[] = [];
  withTaskMemory(
    2 * MiB,
    (bytes) => claims.push(bytes),
    () => {
      uint8s(MiB);
      uint8s(MiB);
      assert.deepEqual(claims, []);
      uint8s(10_000);
      uint8s(10_000);
      assert.deepEqual(claims, [3 * MiB]);
      float64s(MiB);
    },
    nothingKept,
  );
  assert.deepEqual(claims, [3 * MiB, 11 * MiB]);
});

test('a claim that is refused takes nothing', () => {
  const refused = () => {
    throw new Error('no room');
  };
  withTaskMemory(
    MiB,
    refused,
    () => {
      assert.throws(() => uint8s(2 * MiB), /no room/);
      assert.equal(arraysSoFar(), 0);
      uint8s(MiB);
    },
    nothingKept,
  );
});

test('at the end of a task its long arrays are freed, but those of the result, also where it fails', () => {
  const arrays: Uint8Array[] = [];
  withTaskMemory(
    2 ** 30,
    () => {},
    () => arrays.push(uint8s(MiB), uint8s(MiB), uint8s(10)),
    () => [arrays[1].buffer],
  );
  assert.deepEqual(
    arrays.map(({ byteLength }) => byteLength),
    [0, MiB, 10],
  );
  assert.throws(() =>
    withTaskMemory(
      2 ** 30,
      () => {},
      () => {
        arrays.push(uint8s(MiB));
        throw new Error('failed');
      },
      nothingKept,
    ),
  );
  assert.equal(arrays[3].byteLength, 0);
});

test('what an item of many has taken is given back before the next', () => {
  const claims: number[] = [];
  withTaskMemory(
    MiB,
    (bytes) => claims.push(bytes),
    () => {
      for (let item = 0; item < 10; item++) {
        const before = arraysSoFar();
        uint8s(MiB);
        freeArraysSince(before);
      }
    },
    nothingKept,
  );
  assert.deepEqual(claims, []);
});

test('arrays that are made outside of a task are neither counted nor freed', () => {
  takeMemory(2 ** 40);
  const array = uint8s(MiB);
  freeArraysSince(0);
  assert.equal(array.byteLength, MiB);
});

test('what a body leaves free is taken before other memory, each number once, and is gone with the task', () => {
  const room = new Float64Array(new SharedArrayBuffer(800)).subarray(10);
  const within = () => {
    lendRoom(room);
    const taken = [unsetFloat64s(50), unsetInt32s(61), unsetFloat64s(9)];
    const ends = taken.map(({ byteOffset, byteLength }) => [byteOffset, byteOffset + byteLength]);
    assert.deepEqual(ends, [
      [80, 480],
      [480, 724],
      [728, 800],
    ]);
    assert.ok(taken.every(({ buffer }) => buffer === room.buffer));
    assert.notEqual(unsetFloat64s(1).buffer, room.buffer);
  };
  withTaskMemory(2 ** 20, () => {}, within, nothingKept);
  assert.notEqual(unsetFloat64s(1).buffer, room.buffer);
});

test('arrays that are kept outlast those that are freed before the end, and are freed with the task', () => {
  const arrays: Uint8Array[] = [];
  withTaskMemory(
    2 ** 30,
    () => {},
    () => {
      const before = arraysSoFar();
      arrays.push(
        uint8s(MiB),
        keepingArrays(() => uint8s(MiB)),
      );
      freeArraysSince(before);
      assert.deepEqual(
        arrays.map(({ byteLength }) => byteLength),
        [0, MiB],
      );
    },
    nothingKept,
  );
  assert.equal(arrays[1].byteLength, 0);
});
