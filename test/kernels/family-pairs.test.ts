import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelPairs } from '../../src/core/kernel.ts';
import { kinds } from '../../src/core/kinds.ts';
import { cases, everyNth } from '../cases.ts';
import { byDefinition } from '../core/divergences/by-definition.ts';
import { compareFamily, everyKey, foundOf, fourDefaults, reportFamily } from './family.ts';
import { comparisonOfProbs } from './of-probs.ts';
import { near, normals, seededRandom, softmaxed } from './rows.ts';

const random = seededRandom(20_261_129);

for (const [place, pair] of kernelPairs.filter(({ target, input }) => target !== input).entries()) {
  const name = `${pair.target} against ${pair.input}`;

  test(`regular divergences of ${name} are the definition's, for rows of any length and along any axis`, (t) => {
    // one pair has the lengths that the next one has not
    const lengths = everyNth(t, [1, 2, 3, 10, 33, 255, 256, 257, 1000, 8193], 2, place % 2);
    const numbers = cases(t, 10_000, 2_500, 'numbers');
    for (const n of lengths) {
      const count = Math.max(4, Math.ceil(numbers / n));
      const rows = () => softmaxed(normals(random, count * n), n);
      for (const keys of [everyKey, fourDefaults]) {
        const share = compareFamily(comparisonOfProbs(pair, rows(), rows(), [count, n]), keys);
        if (n >= 10) assert.equal(share, 1, `${share} of rows of ${n} are regular`);
      }
    }
    const columns = () => {
      const row = softmaxed(normals(random, 30), 30);
      return Float64Array.from({ length: 90 }, (_, k) => row[Math.floor(k / 3)]);
    };
    assert.equal(compareFamily(comparisonOfProbs(pair, columns(), columns(), [30, 3], 0)), 1);
    reportFamily(t);
  });

  test(`regular divergences of ${name} are the definition's, from flat to sharp and from far to near`, (t) => {
    // and the distances
    const distances = everyNth(t, [10, 1, 0.1, 0.01, 1e-4, 1e-7], 2, place % 2);
    const numbers = cases(t, 3000, 500, 'numbers');
    const scales = everyNth(t, [0.01, 0.5, 3, 20, 60], 2, (place >> 1) % 2);
    for (const scale of scales) {
      for (const distance of distances) {
        for (const n of [2, 30, 1000]) {
          const count = Math.ceil(numbers / n);
          const p = softmaxed(
            normals(random, count * n).map((x) => scale * x),
            n,
          );
          const comparison = comparisonOfProbs(pair, p, near('probs', p, n, distance, random), [count, n]);
          for (const keys of [everyKey, fourDefaults, ...everyKey.map((key) => [key])]) compareFamily(comparison, keys);
        }
      }
    }
    reportFamily(t);
  });

  test(`regular divergences of ${name} have the digits of the definition in 400 bits`, () => {
    for (const distance of [3, 1, 0.3, 0.1]) {
      for (let round = 0; round < 5; round++) {
        const p = softmaxed(normals(random, 12), 12);
        const comparison = comparisonOfProbs(pair, p, near('probs', p, 12, distance, random), [1, 12]);
        const keys = Object.keys(exactSums);
        const found = foundOf(comparison, keys);
        if (distance >= 0.3) assert.equal(found.trusted[0], 1);
        if (found.trusted[0] === 0) continue;
        const side = (of: 'target' | 'input') => ({ row: [...comparison[of].tensor.data], kind: comparison[of].kind });
        for (const [place, key] of keys.entries()) {
          const exact = exactSums[key](byDefinition(key, side('target'), side('input')));
          const off = Math.abs(found.totals[place] - exact) / exact;
          assert.ok(off <= 1e-12, `${key} at ${distance} is ${found.totals[place]}, not ${exact}: off by ${off}`);
        }
      }
    }
  });

  test(`of ${name} a NaN, a number without mass, or a mass that is off 1 leaves its row to the definition, and no other`, () => {
    for (const side of ['target', 'input'] as const) {
      const spoil = {
        NaN: (row: Float64Array) => row.fill(Number.NaN, 4, 5),
        infinity: (row: Float64Array) => row.fill(Number.POSITIVE_INFINITY, 4, 5),
        zero: (row: Float64Array) => row.fill(0, 4, 5),
        ...(kinds[pair[side]].normalizes ? {} : { mass: (row: Float64Array) => row.set(row.map((p) => 1.001 * p)) }),
      };
      for (const [what, change] of Object.entries(spoil)) {
        const sides = { target: softmaxed(normals(random, 27), 9), input: softmaxed(normals(random, 27), 9) };
        change(sides[side].subarray(9, 18));
        const { trusted } = foundOf(comparisonOfProbs(pair, sides.target, sides.input, [3, 9]), fourDefaults);
        assert.deepEqual([...trusted], [1, 0, 1], what);
      }
    }
  });
}

test('for the family the temperature divides logits and a pseudocount is added to counts, whatever the other side is', (t) => {
  for (const pair of everyNth(t, kernelPairs, 3)) {
    for (const n of [33, 8193]) {
      const rows = () => softmaxed(normals(random, 4 * n), n);
      const comparison = { ...comparisonOfProbs(pair, rows(), rows(), [4, n]), temperature: 2.5, pseudocount: 0.5 };
      for (const keys of [everyKey, fourDefaults]) assert.equal(compareFamily(comparison, keys), 1, `${pair.target}, ${pair.input}`);
    }
  }
});

test('long rows of two models are found in every pair of kinds, down to a divergence of 0.005', () => {
  for (const pair of kernelPairs) {
    const logits = normals(random, 16_000).map((x) => 3 * x);
    const p = softmaxed(logits, 8000);
    for (const distance of [0.1, 0.3]) {
      const share = compareFamily(comparisonOfProbs(pair, p, near('probs', p, 8000, distance, random), [2, 8000]), fourDefaults);
      assert.equal(share, 1, `${pair.target} against ${pair.input}, ${distance}`);
    }
  }
});

/** What the kernel sums, of the divergence. */
const exactSums: Readonly<Record<string, (value: number) => number>> = {
  ...Object.fromEntries([...fourDefaults, 'jensen_shannon:0.1', 'chi_squared'].map((key) => [key, (value: number) => value])),
  jensen_shannon_distance: (value) => value ** 2,
  hellinger: (value) => value ** 2,
};
