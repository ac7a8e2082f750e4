import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divergence } from '../../src/core/divergence.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../src/kernels/run-kernel.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { kinds } from './compare.ts';
import { near, normals, rowsOf, seededRandom, softmaxed } from './rows.ts';

const random = seededRandom(4_711);
const kernel = loadKernel();
const masks = { logits: Number.NEGATIVE_INFINITY, probs: 0, counts: 0 };

/** Compares totals and what is noted with the definition; returns how many rows of each mark there are. */
function compare(
  kind: keyof typeof masks,
  target: Float64Array,
  input: Float64Array,
  shape: number[],
  temperature = 1,
  dim = -1,
): number[] {
  assert.ok(kernel);
  const operand = (data: Float64Array) => ({ kind, tensor: { shape, data } });
  const axes = distributionAxes(shape, dim);
  const comparison = { target: operand(target), input: operand(input), axes, temperature, pseudocount: 0 };
  const expected = divergence(comparison, { base: 'e', wantsTerms: false });
  const found = runKernel({ kernel }, comparison, { wantsTerms: false });
  assert.ok(found);
  const actual = divergence(comparison, { base: 'e', wantsTerms: false, found });
  for (const [d, total] of expected.perDistribution.entries()) {
    const value = actual.perDistribution[d];
    const isSame = value === total || Math.abs(value / total - 1) <= 1e-12;
    assert.ok(isSame, `${kind} ${shape}: row ${d} (${found.trusted[d]}) is ${value}, not ${total}`);
  }
  for (const fact of ['zeroOverZero', 'infiniteTerms', 'negativeTotals', 'massDifferences'] as const)
    assert.deepEqual(actual.facts[fact], expected.facts[fact], fact);
  return [0, 1, 2].map((mark) => found.trusted.reduce((count, trusted) => count + (trusted === mark ? 1 : 0), 0));
}

/** Rows of which the share `share` has no mass; probabilities are divided by their sum again. */
function sparse(kind: keyof typeof masks, rows: Float64Array, n: number, isMasked: (k: number) => boolean): Float64Array {
  const masked = rows.map((x, k) => (isMasked(k) ? masks[kind] : x));
  return kind === 'probs' ? softmaxed(masked.map(Math.log), n) : masked;
}

for (const kind of kinds) {
  test(`${kind} that have no mass in the same outcomes on both sides are found, with 0 over 0 noted, near and far`, () => {
    for (const n of [5, 10, 101, 256, 1001, 9001]) {
      const count = Math.max(5, Math.ceil(5000 / n));
      for (const distance of [3, 1, 0.1, 0.01, 1e-4]) {
        const chosen = normals(random, count * n);
        const isMasked = (k: number) => chosen[k] > 1.3 && k % n > 1;
        const rows = rowsOf(kind, random, count, n, 1);
        const target = sparse(kind, rows, n, isMasked);
        const input = sparse(kind, near(kind, rows, n, distance, random), n, isMasked);
        const [irregular] = compare(kind, target, input, [count, n], kind === 'logits' ? 0.8 : 1);
        if (kind !== 'probs' && distance >= 0.01) assert.equal(irregular, 0, `${n}, ${distance}`);
      }
    }
  });

  test(`${kind} that have no mass in outcomes of their own are infinite where P has mass and Q has none, and no row else is touched`, () => {
    for (const n of [10, 33, 1000]) {
      const rows = [0, 1].map(() => rowsOf(kind, random, 60, n, 1));
      const [target, input] = rows.map((data, side) =>
        sparse(kind, data, n, (k) => k % n === 3 * side && [0, 1, 4].includes(((k - (k % n)) / n) % (5 + side))),
      );
      const [irregular, , noted] = compare(kind, target, input, [60, n]);
      assert.equal(irregular, 0);
      assert.ok(noted > 10 && noted < 50);
      const across = (data: Float64Array) => data.map((_, k) => data[(k % 60) * n + Math.floor(k / 60)]);
      assert.deepEqual(compare(kind, across(target), across(input), [n, 60], 1, 0), [irregular, 60 - noted, noted]);
    }
  });
}

test('finite masks of logits are masks, and a logit between a mask and a number is left to the definition', () => {
  for (const mask of [-1e4, -65_504, -1e9, -3.4028234663852886e38]) {
    const rows = rowsOf('logits', random, 20, 50, 2);
    const masked = (data: Float64Array) => sparse('logits', data, 50, (k) => k % 10 === 1).map((x) => (x === masks.logits ? mask : x));
    assert.equal(compare('logits', masked(rows), masked(near('logits', rows, 50, 0.3, random)), [20, 50])[0], 0);
    // masked by a number on one side, and by -Infinity on the other
    compare(
      'logits',
      masked(rows),
      sparse('logits', rows, 50, (k) => k % 10 === 1),
      [20, 50],
    );
    compare('logits', rows, masked(rows), [20, 50]);
  }
  const row = Float64Array.of(0, -720, -2, -3);
  assert.deepEqual(compare('logits', row, Float64Array.of(0, 1, 2, 3), [4]), [1, 0, 0]);
});
