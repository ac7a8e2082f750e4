import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelOperands } from '../../src/core/kernel.ts';
import { instantiate, scratchOf } from '../../src/kernels/divergence-module.ts';
import { areInOrder, readPiece, readRows } from '../../src/kernels/gather.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';
import type { KernelNumbers } from '../../src/tensor/tensor.ts';
import { normals, seededRandom } from './rows.ts';

const random = seededRandom(16);
const exported = instantiate();
assert.ok(exported);
const scratch = scratchOf(exported);

function gatheringOf(target: KernelNumbers, shape: number[], dim: number) {
  const axes = distributionAxes(shape, dim);
  const operands: KernelOperands = { pair: 0, target, input: target, axes, temperature: 1, pseudocount: 0 };
  return { exported: exported as NonNullable<typeof exported>, scratch, operands, inOrder: areInOrder(axes) };
}

test('every float16 is widened to its number, in rows of any length', () => {
  const halves = new Float16Array(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer);
  for (const n of [65_536, 1, 2, 3, 5, 7]) {
    for (let from = 0; from + n <= halves.length; from += n === 65_536 ? n : 4099) {
      readPiece(gatheringOf(halves.subarray(from, from + n), [n], 0), 0, 0, n);
      assert.deepEqual(scratch.target.slice(0, n), Float64Array.from(halves.subarray(from, from + n)), `${n} from ${from}`);
    }
  }
});

test('every bfloat16 is widened to its number, in rows of any length', () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, k) => k);
  const singles = new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
  for (const n of [65_536, 1, 2, 3, 5, 7]) {
    for (let from = 0; from + n <= bits.length; from += n === 65_536 ? n : 4099) {
      readPiece(gatheringOf(bits.subarray(from, from + n), [n], 0), 0, 0, n);
      assert.deepEqual(scratch.target.slice(0, n), Float64Array.from(singles.subarray(from, from + n)), `${n} from ${from}`);
    }
  }
});

test('distributions of bfloat16 that do not follow on each other become rows', () => {
  const bits = Uint16Array.from({ length: 40 }, (_, k) => 0x3f80 + k);
  const gathering = gatheringOf(bits, [10, 4], 1);
  const distributionOffsets = Uint32Array.of(4, 12, 36);
  readRows({ ...gathering, operands: { ...gathering.operands, axes: { ...gathering.operands.axes, distributionOffsets } } }, 0, 3, 1);
  const expected = [...distributionOffsets].flatMap((start) => [0, 1, 2, 3].map((k) => 1 + (start + k) / 128));
  assert.deepEqual([...scratch.target.slice(4, 16)], expected);
});

test('float32 are widened to their numbers, whatever they are', () => {
  const special = [0, -0, 1e-45, -3e-39, 3.4e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
  for (const n of [1, 2, 3, 8, 101]) {
    const singles = Float32Array.from(normals(random, n), (x, k) => (k < special.length ? special[(k + n) % special.length] : x));
    readPiece(gatheringOf(singles, [n], 0), 0, 0, n);
    assert.deepEqual(scratch.target.slice(0, n), Float64Array.from(singles));
  }
});

test('distributions become rows, along any axis, from any row on', () => {
  for (const Typed of [Float64Array, Float32Array, Float16Array]) {
    const shape = [5, 11, 7];
    const numbers = Typed.from(normals(random, 5 * 11 * 7));
    for (const dim of [0, 1, 2]) {
      const gathering = gatheringOf(numbers, shape, dim);
      const { distributionOffsets, outcomeOffsets } = gathering.operands.axes;
      const n = outcomeOffsets.length;
      readRows(gathering, 2, 9, 3);
      for (let row = 0; row < 9; row++) {
        const expected = Float64Array.from(outcomeOffsets, (step) => numbers[distributionOffsets[2 + row] + step]);
        assert.deepEqual(scratch.target.slice((3 + row) * n, (4 + row) * n), expected);
        assert.deepEqual(scratch.input.slice((3 + row) * n, (4 + row) * n), expected);
      }
    }
  }
});
