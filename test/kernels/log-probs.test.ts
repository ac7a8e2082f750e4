import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Comparison } from '../../src/core/comparison.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { marksOf } from './marks.ts';
import { near, normals, rowsOf, seededRandom } from './rows.ts';

const random = seededRandom(83);

function comparisonOf(target: Float64Array, input: Float64Array, n: number): Comparison {
  const shape = [target.length / n, n];
  const operand = (data: Float64Array) => ({ kind: 'log_probs' as const, tensor: { shape, data } });
  return { target: operand(target), input: operand(input), axes: distributionAxes(shape, -1), temperature: 1, pseudocount: 0 };
}

function massOf(row: Float64Array): number {
  return row.reduce((sum, x) => sum + Math.exp(x), 0);
}

/** A row whose mass is off 1 by `off`, with an outcome without mass or with none. */
function rowOffMass(n: number, off: number, isMasked: boolean): Float64Array {
  const row = rowsOf('log_probs', random, 1, n, 1);
  if (isMasked) row[3] = Number.NEGATIVE_INFINITY;
  const shift = Math.log1p(off) - Math.log(massOf(row));
  return row.map((x) => x + shift);
}

test('a mass of log-probabilities that is off 1 by less than the tolerance is found, and by more is left to the definition', () => {
  const offs = [0, 3e-7, 4.8e-7, 5.2e-7, 7e-7, 9.8e-7, 1.02e-6, 1.4e-6, 1e-5, 1e-3].flatMap((off) => [off, -off]);
  for (const n of [5, 100, 257, 8193]) {
    for (const isMasked of [false, true]) {
      const mark = isMasked ? 2 : 1;
      for (const off of offs) {
        const expected = Math.abs(off) > 1e-6 ? 0 : mark;
        const [wrong, right] = [rowOffMass(n, off, isMasked), rowOffMass(n, 0, isMasked)];
        assert.deepEqual(marksOf(comparisonOf(wrong, right, n)), [expected], `target, ${n}, ${isMasked}, ${off}`);
        assert.deepEqual(marksOf(comparisonOf(right, wrong, n)), [expected], `input, ${n}, ${isMasked}, ${off}`);
      }
    }
  }
});

test('a log-probability of any size on either side is what the definition makes of it', () => {
  const sizes = [1e-9, 0.5, 3, 88, 88.9, 90, 177, 263, 265, 270, 355, 532, 600, 689, 691, 700, 745, 800, 1e4, 1e5, 1e7];
  for (const n of [6, 101, 600]) {
    for (const size of sizes) {
      for (const x of [size, -size, Number.NaN]) {
        // beyond this logarithm the element itself is refused, before or after
        if (x > 600) continue;
        for (const side of [0, 1]) {
          for (const place of [0, n - 1]) {
            const sides = [rowsOf('log_probs', random, 1, n, 2), rowsOf('log_probs', random, 1, n, 2)];
            sides[side][place] = x;
            const rest = sides[side].map((y, k) => (k === place ? 0 : Math.exp(y))).reduce((sum, y) => sum + y, 0);
            if (x < 0) sides[side] = sides[side].map((y, k) => (k === place ? y : y + Math.log1p(-Math.exp(x)) - Math.log(rest)));
            marksOf(comparisonOf(sides[0], sides[1], n));
          }
        }
      }
    }
  }
});

test('rows with a few log-probabilities anywhere are what the definition makes of them', () => {
  const anywhere = fc.oneof(
    fc.double({ min: -120, max: 0, noNaN: true }),
    fc.double({ min: -1000, max: 5, noNaN: true }),
    fc.double({ min: -5000, max: 600, noNaN: true }),
    fc.constantFrom(0, -0, Number.NEGATIVE_INFINITY),
  );
  const strange = fc.array(fc.tuple(fc.nat(), fc.boolean(), anywhere), { maxLength: 3 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: -2e-6, max: 2e-6, noNaN: true }), strange, (n, off, places) => {
      const sides = [rowsOf('log_probs', random, 1, n, 2), rowsOf('log_probs', random, 1, n, 2)];
      for (const [place, isTarget, x] of places) sides[isTarget ? 0 : 1][place % n] = x;
      for (const [side, row] of sides.entries()) {
        const mass = massOf(row);
        // half of the rows are normalized after all, but for a little
        if (mass > 0 && random() < 0.5) sides[side] = row.map((x) => x - Math.log(mass) + (random() < 0.5 ? Math.log1p(off) : 0));
      }
      marksOf(comparisonOf(sides[0], sides[1], n));
    }),
  );
});

test('log-probabilities in float32 whose masses are off 1 by their rounding are found, in rows as long as a vocabulary', () => {
  const n = 33_000;
  const logits = normals(random, 4 * n).map((x) => 3 * x);
  const inSingles = (rows: Float64Array) => {
    const norms = [0, 1, 2, 3].map((row) => Math.fround(Math.log(massOf(rows.subarray(row * n, (row + 1) * n)))));
    return rows.map((x, k) => Math.fround(x - norms[Math.floor(k / n)]));
  };
  const target = inSingles(logits);
  const input = inSingles(near('logits', logits, n, 0.3, random));
  assert.deepEqual(marksOf(comparisonOf(target, input, n)), [1, 1, 1, 1]);
});
