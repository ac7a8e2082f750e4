import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KindName } from '../../src/core/kinds.ts';
import { compare, defined, found, kinds } from './compare.ts';
import { comparisonOf, foundOf, fourDefaults } from './family.ts';
import { near, normals, rowsOf, seededRandom, softmaxed } from './rows.ts';

const random = seededRandom(20_240_602);

test('logits of a wide range are regular up to where an exponential would leave the normal numbers', () => {
  const target = Float64Array.of(0, -689, -3, -20);
  const input = Float64Array.of(-689, 0, -1, -2);
  assert.deepEqual(compare('logits', target, input, [4]), [1, 1]);
  assert.equal(found('logits', Float64Array.of(0, -691, -3, -20), input, [4], 0).trusted[0], 0);
  assert.equal(found('logits', target, Float64Array.of(0, -691, -3, -20), [4], 0).trusted[0], 0);
});

function assertIrregular(kind: KindName, replace: (row: Float64Array) => void, n = 8): void {
  for (const place of [0, 1, 2]) {
    const rows = [0, 1].map(() => rowsOf(kind, random, 3, n, 1));
    for (const side of [0, 1]) {
      const changed = rows.map((data) => data.slice());
      replace(changed[side].subarray(place * n, (place + 1) * n));
      const { trusted } = found(kind, changed[0], changed[1], [3, n], 1, false);
      assert.deepEqual(
        [...trusted],
        [0, 1, 2].map((d) => (d === place ? 0 : 1)),
        `${kind}, row ${place}`,
      );
    }
  }
}

test('a number that is not finite and no mask makes its row irregular, and no other', () => {
  for (const value of [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]) {
    for (const kind of value === Number.NEGATIVE_INFINITY ? (['probs', 'counts'] as const) : kinds) {
      for (const n of [8, 9]) {
        for (const k of [0, 1, n - 1]) {
          assertIrregular(kind, (row) => row.fill(value, k, k + 1), n);
        }
        assertIrregular(kind, (row) => row.fill(value), n);
      }
    }
  }
});

test('what a longer row has left in the memory shows in no row after it, of any length', () => {
  // its beginning is nearly equal, so that the rest is looked at
  const left = normals(random, 400).fill(Number.NaN, 10);
  for (const n of [2, 3, 5, 6, 7, 9, 101, 257, 258, 259]) {
    const target = normals(random, n);
    for (const input of [near('logits', target, n, 0.1, random), normals(random, n)]) {
      const alone = () => found('logits', target, input, [n], 0, false);
      const together = (keys: readonly string[]) => foundOf(comparisonOf('logits', target, input, [n]), keys);
      const before = [alone(), together(fourDefaults), together(['reverse_kl'])];
      assert.equal(found('logits', left, left, [400], 0, false).trusted[0], 0);
      assert.equal(foundOf(comparisonOf('logits', left, left, [400]), fourDefaults).trusted[0], 0);
      assert.deepEqual([alone(), together(fourDefaults), together(['reverse_kl'])], before, `rows of ${n}`);
    }
  }
});

test('probabilities whose total is mostly the difference of their masses are irregular', () => {
  const shares = softmaxed(normals(random, 100), 100);
  const near = shares.map((p, k) => p * (1 + 2e-5 * Math.sin(k)) * (1 + 9e-8));
  assert.equal(found('probs', shares, near, [100], 0).trusted[0], 0);
});

test('probabilities with a mass off 1 are irregular from the tolerance of the warning on', () => {
  for (const off of [1.0000001e-6, -1.0000001e-6, 0.1, -0.5]) {
    assertIrregular('probs', (row) => row.set(row.map((p) => p * (1 + off))));
  }
  const target = softmaxed(normals(random, 100), 100).map((p) => p * (1 + 0.9e-6));
  assert.deepEqual(compare('probs', target, softmaxed(normals(random, 100), 100), [100]), [1, 1]);
});

test('a mass that is nearly 0, or below, makes its row irregular', () => {
  for (const value of [Number.MIN_VALUE, 1e-310, 2 ** -1001, -1e-3]) {
    for (const kind of ['probs', 'counts'] as const) {
      assertIrregular(kind, (row) => row.fill(value, 5, 6));
      assertIrregular(kind, (row) => row.fill(value, 8, 9), 9);
    }
  }
  assertIrregular('counts', (row) => row.fill(0));
  assertIrregular('logits', (row) => row.fill(Number.NEGATIVE_INFINITY));
});

test('counts whose shares could underflow are irregular', () => {
  assertIrregular('counts', (row) => row.fill(1e270, 2, 3).fill(1e-40, 3, 4));
  const large = rowsOf('counts', random, 10, 10, 1).map((count) => count * 1e265);
  assert.deepEqual(compare('counts', large, rowsOf('counts', random, 10, 10, 1), [10, 10]), [1, 1]);
  assert.deepEqual(compare('counts', rowsOf('counts', random, 10, 10, 1), large, [10, 10]), [1, 1]);
});

test('nearly equal counts of which one would underflow on the scale of the other side are irregular', () => {
  const target = Float64Array.of(2 ** -500, 2 ** -990);
  assert.equal(found('counts', target, Float64Array.of(2 ** 500, 2 ** -20), [2], 0).trusted[0], 0);
  assert.deepEqual(compare('counts', target, Float64Array.of(2 ** -500, 2 ** -501), [2]), [1, 1]);
});

test('the kernel does not trust a distribution whose total is negative', () => {
  const target = Float64Array.of(0.5, 0.5 - 9e-7);
  const input = Float64Array.of(0.5, 0.5);
  assert.ok(defined('probs', target, input, [2], 0).perDistribution[0] < 0);
  assert.equal(found('probs', target, input, [2], 0).trusted[0], 0);
});
