import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arraysSoFar, freeArraysSince, withTaskMemory } from '../../src/memory/task-memory.ts';
import { type Dtype, dtypes, isView, readNumbers, tensorOfBytes } from '../../src/tensor/dtypes.ts';
import { elementOf } from '../../src/tensor/tensor.ts';
import { seededRandom } from '../kernels/rows.ts';

/** Little-endian bytes of numbers of each dtype, and the numbers. */
const cases: Record<Dtype, readonly [hex: string, numbers: readonly number[]]> = {
  float64: ['000000000000f0bf ffffffffffffef7f 000000000000f0ff', [-1, Number.MAX_VALUE, Number.NEGATIVE_INFINITY]],
  float32: ['cdcccc3d 000080ff', [Math.fround(0.1), Number.NEGATIVE_INFINITY]],
  float16: ['ff7b 0100 00fc', [65504, 2 ** -24, Number.NEGATIVE_INFINITY]],
  bfloat16: ['803f 80ff 49c0', [1, Number.NEGATIVE_INFINITY, -3.140625]],
  int8: ['80 7f ff', [-128, 127, -1]],
  int16: ['0080 ff7f', [-32768, 32767]],
  int32: ['00000080 ffffff7f', [-(2 ** 31), 2 ** 31 - 1]],
  // the last lies between two doubles, nearer to the upper one
  int64: ['ffffffffffffffff 0000000000000080 0100000001000000 0300000000002000', [-1, -(2 ** 63), 2 ** 32 + 1, 2 ** 53 + 4]],
  bool: ['00 01 ff', [0, 1, 1]],
  uint8: ['80 ff', [128, 255]],
  uint16: ['0080 ffff', [32768, 65535]],
  uint32: ['00000080 ffffffff', [2 ** 31, 2 ** 32 - 1]],
  uint64: ['ffffffffffffffff 0000000000000080', [2 ** 64, 2 ** 63]],
};

for (const [dtype, [hex, numbers]] of Object.entries(cases) as [Dtype, (typeof cases)[Dtype]][]) {
  test(`${dtype} is read from little-endian bytes that lie anywhere, and is a view of them where that is said`, () => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    assert.equal(bytes.length, numbers.length * dtypes[dtype].size);
    for (let offset = 0; offset < 8; offset++) {
      const placed = new Uint8Array(new ArrayBuffer(bytes.length + 8), offset, bytes.length);
      placed.set(bytes);
      const tensor = tensorOfBytes(dtype, placed, { shape: [numbers.length] });
      assert.equal(isView(dtype, placed), (tensor.bfloat16 ?? tensor.data).buffer === placed.buffer);
      assert.deepEqual(
        numbers.map((_, element) => elementOf(tensor, element)),
        numbers,
      );
      assert.deepEqual([...tensor.data], numbers);
      assert.deepEqual([...readNumbers(dtype, placed)], numbers);
    }
  });
}

test('bfloat16 is widened once, and keeps its numbers when arrays of the task are freed', () => {
  const tensor = tensorOfBytes('bfloat16', new Uint8Array(Uint16Array.from({ length: 5000 }, (_, k) => 0x3f80 + (k % 64)).buffer), {
    shape: [5000],
  });
  withTaskMemory(
    Number.POSITIVE_INFINITY,
    () => {},
    () => {
      const before = arraysSoFar();
      const { data } = tensor;
      freeArraysSince(before);
      assert.equal(tensor.data, data);
      assert.deepEqual([data.length, data[0], data[1]], [5000, 1, 1 + 2 ** -7]);
    },
    () => [],
  );
});

test('64-bit integers are rounded once, as the nearest float64 is', () => {
  const random = seededRandom(64);
  const word = () => BigInt(Math.floor(random() * 2 ** 32));
  const values = Array.from({ length: 1000 }, () => BigInt.asIntN(64, (word() << 32n) | word()));
  const signed = new Uint8Array(BigInt64Array.from(values).buffer);
  assert.deepEqual([...readNumbers('int64', signed)], values.map(Number));
  assert.deepEqual(
    [...readNumbers('uint64', signed)],
    values.map((value) => Number(BigInt.asUintN(64, value))),
  );
});
