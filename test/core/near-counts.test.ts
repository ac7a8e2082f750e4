import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, numbersOf } from '../helper.ts';
import { found } from '../kernels/compare.ts';
import { seededRandom } from '../kernels/rows.ts';
import { exactDivergence } from './exact-counts.ts';

const random = seededRandom(14);
const counts = { input_kind: 'counts', target_kind: 'counts', reduction: 'sum' };
const sumOf = (input: readonly number[], target: readonly number[]) => numbersOf(ask({ ...counts, input, target }).results.sum)[0];

function assertExact(actual: number, target: readonly number[], input: readonly number[]): void {
  const expected = exactDivergence(target, input);
  assert.ok(Math.abs(actual - expected) <= 4e-15 * expected, `${actual} is not ${expected} for ${target} against ${input}`);
}

test('the exact divergence of these tests is that of mpmath with 60 digits', () => {
  const near = exactDivergence([1_000_000_001, 1e9, 1e9], [1e9, 1e9, 1e9]);
  assert.ok(Math.abs(near / 1.111111110246914e-19 - 1) < 1e-15, String(near));
  const scattered = exactDivergence([1_000_000_007, 2_000_000_011, 3_000_000_019], [1_000_000_008, 2_000_000_010, 3_000_000_018]);
  assert.ok(Math.abs(scattered / 1.388888870925926e-19 - 1) < 1e-15, String(scattered));
});

test('counts that are nearly equal keep their digits, however near they are', () => {
  const row = [1_000_000_007, 2_000_000_011, 3_000_000_019, 123_456_789_012, 17_000_001];
  for (const offset of [1, 3, 1000, 1e6]) {
    for (const scale of [1, 2 ** 12, 2 ** -20, 1000]) {
      const target = row.map((count) => count * scale);
      const input = row.map((count, k) => (count + (k % 2 === 0 ? offset : -offset / 2)) * scale);
      assertExact(sumOf(input, target), target, input);
      assertExact(sumOf(target, input), input, target);
    }
  }
});

test('counts that differ in the last bit of one of them have all digits of their divergence', () => {
  const target = [2 ** 52 + 1, 2 ** 52 + 3, 2 ** 51 + 5];
  for (const input of [
    [2 ** 52 + 2, 2 ** 52 + 3, 2 ** 51 + 5],
    [2 ** 52 + 1, 2 ** 52 + 2, 2 ** 51 + 6],
  ]) {
    assert.ok(exactDivergence(target, input) < 1e-31);
    assertExact(sumOf(input, target), target, input);
  }
});

test('counts whose shares are nearly equal keep their digits though their sums differ', () => {
  for (const factor of [2, 3, 10, 1e-3, 7 / 3, 1e12]) {
    for (const distance of [1e-2, 1e-6, 1e-9, 1e-12]) {
      const target = Array.from({ length: 20 }, () => 1 + 1e6 * random());
      const input = target.map((count) => count * factor * (1 + distance * (random() - 0.5)));
      assertExact(sumOf(input, target), target, input);
    }
  }
});

test('counts that are a multiple of others have the divergence 0, or less than can be told from 0', () => {
  const row = [3, 1, 7, 1_000_003, 2 ** 30 + 1];
  for (const factor of [2, 3, 7, 1_000_003]) {
    assert.equal(
      sumOf(
        row.map((count) => count * factor),
        row,
      ),
      0,
    );
    assert.ok(
      sumOf(
        row,
        row.map((count) => count * factor),
      ) < 1e-60,
    );
  }
});

test('the kernel computes nearly equal counts itself, with the same digits', () => {
  for (const factor of [1, 3, 1e-3]) {
    for (const n of [10, 101, 1000]) {
      for (const distance of [1e-2, 1e-4, 1e-6]) {
        const target = Float64Array.from({ length: n }, () => Math.ceil(1e6 * random()));
        const input = target.map((count) => count * factor * (1 + distance * (random() - 0.5)));
        const { totals, trusted } = found('counts', target, input, [n], 0, false);
        assert.equal(trusted[0], 1, `${n} counts at a distance of ${distance} are left to the definition`);
        assertExact(totals[0], [...target], [...input]);
      }
    }
  }
});
