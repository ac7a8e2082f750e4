import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kindNames } from '../../src/core/kinds.ts';
import { ask, numbersOf } from '../helper.ts';

type Matrix = number[][];

const element = {
  logits: fc.double({ min: -40, max: 40, noNaN: true }),
  log_probs: fc.double({ min: -40, max: 0, noNaN: true }),
  probs: fc.double({ min: 0, max: 1, noNaN: true }),
  // 0 often, as in a histogram; the first outcome is never empty (see `matrix`)
  counts: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_000_000 })),
};

/** A pair of matrices with 1 to 4 distributions of 2 to 8 outcomes. */
function pair(kind: keyof typeof element): fc.Arbitrary<[Matrix, Matrix]> {
  return fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 8 })).chain(([rows, columns]) => {
    const row = fc
      .array(element[kind], { minLength: columns, maxLength: columns })
      .map((values) => (kind === 'counts' ? [values[0] + 1, ...values.slice(1)] : values));
    const matrix = fc.array(row, { minLength: rows, maxLength: rows });
    return fc.tuple(matrix, matrix);
  });
}

const all = (input: unknown, target: unknown, options: Record<string, unknown> = {}) =>
  ask({ input, target, reduction: 'all', ...options }).results;

const sumOf = (input: unknown, target: unknown, options: Record<string, unknown> = {}) => numbersOf(all(input, target, options).sum)[0];

function assertClose(actual: number, expected: number, scale = Math.abs(expected)): void {
  if (actual === expected) return;
  assert.ok(Math.abs(actual - expected) <= 1e-12 * (scale + 1), `${actual} is not ${expected}`);
}

for (const kind of kindNames) {
  const kinds = { input_kind: kind, target_kind: kind };

  test(`D(P ‖ P) is exactly 0 for ${kind}`, () => {
    fc.assert(
      fc.property(pair(kind), ([p]) => {
        const { none, ...sums } = all(p, p, kinds);
        assert.ok(numbersOf(none).every((term) => term === 0));
        assert.ok(numbersOf(Object.values(sums)).every((value) => value === 0));
      }),
    );
  });

  test(`permuting the classes on both sides changes no divergence of ${kind}`, () => {
    fc.assert(
      fc.property(pair(kind), ([q, p]) => {
        const reverse = (matrix: Matrix) => matrix.map((row) => row.toReversed());
        const before = numbersOf(all(q, p, kinds).per_distribution);
        const after = numbersOf(all(reverse(q), reverse(p), kinds).per_distribution);
        for (const [d, value] of before.entries()) assertClose(after[d], value);
      }),
    );
  });

  test(`sum, Σ none and Σ per_distribution are the same for ${kind}`, () => {
    fc.assert(
      fc.property(pair(kind), ([q, p]) => {
        const { none, per_distribution, sum } = all(q, p, kinds);
        const terms = numbersOf(none);
        const scale = terms.reduce((total, term) => total + Math.abs(term), 0);
        const total = numbersOf(sum)[0];
        if (total === Number.POSITIVE_INFINITY) {
          assert.ok(terms.includes(total) && numbersOf(per_distribution).includes(total));
        } else {
          assertClose(
            terms.reduce((a, b) => a + b, 0),
            total,
            scale,
          );
          assertClose(
            numbersOf(per_distribution).reduce((a, b) => a + b, 0),
            total,
            scale,
          );
        }
      }),
    );
  });

  test(`changing the base divides every value of ${kind} by the logarithm of the base`, () => {
    fc.assert(
      fc.property(pair(kind), fc.double({ min: 1.1, max: 100, noNaN: true }), ([q, p], base) => {
        const nats = numbersOf(Object.values(all(q, p, kinds)));
        const units = numbersOf(Object.values(all(q, p, { ...kinds, base })));
        for (const [position, value] of nats.entries()) assertClose(units[position], value / Math.log(base));
      }),
    );
  });

  test(`a divergence along dim 0 is that of the transposed tensors along dim 1, for ${kind}`, () => {
    fc.assert(
      fc.property(pair(kind), ([q, p]) => {
        const transposed = (matrix: Matrix) => matrix[0].map((_, column) => matrix.map((row) => row[column]));
        assert.deepEqual(all(transposed(q), transposed(p), { ...kinds, dim: 0 }).per_distribution, all(q, p, kinds).per_distribution);
      }),
    );
  });
}

for (const kind of ['logits', 'counts'] as const) {
  test(`no divergence of ${kind} is negative, nor of ${kind} that differ in their last digits`, () => {
    const nudged = fc
      .tuple(pair(kind), fc.double({ min: -1e-9, max: 1e-9, noNaN: true }))
      .map(([[p], nudge]) => [p.map((row) => row.map((x, k) => (k % 2 ? x : x * (1 + nudge)))), p]);
    fc.assert(
      fc.property(fc.oneof(pair(kind), nudged), ([q, p]) => {
        const divergences = numbersOf(all(q, p, { input_kind: kind, target_kind: kind }).per_distribution);
        assert.ok(divergences.every((value) => value >= 0));
      }),
    );
  });
}

test('adding a constant to the logits of a distribution changes nothing', () => {
  fc.assert(
    fc.property(pair('logits'), fc.integer({ min: -1000, max: 1000 }), ([q, p], constant) => {
      const shifted = p.map((row) => row.map((x) => x + constant));
      // adding the constant rounds the logits, so the test allows what that rounding does
      assertClose(sumOf(q, shifted), sumOf(q, p), 1e4);
    }),
  );
});

test('scaling the counts of a distribution changes nothing', () => {
  fc.assert(
    fc.property(pair('counts'), fc.integer({ min: 1, max: 1000 }), ([q, p], factor) => {
      const kinds = { input_kind: 'counts', target_kind: 'counts' };
      const scaled = q.map((row) => row.map((x) => x * factor));
      assertClose(sumOf(scaled, p, kinds), sumOf(q, p, kinds));
    }),
  );
});

test('the divergence of a product of independent distributions is the sum of their divergences', () => {
  fc.assert(
    fc.property(pair('logits'), pair('logits'), ([[q1], [p1]], [[q2], [p2]]) => {
      const product = (a: number[], b: number[]) => a.map((x) => b.map((y) => x + y));
      const joint = sumOf(product(q1, q2), product(p1, p2), { dim: [0, 1] });
      const apart = sumOf(q1, p1) + sumOf(q2, p2);
      assertClose(joint, apart, 1e2);
    }),
  );
});
