import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divergenceNames, isEstimate, rowOf } from '../../src/core/divergences/named-divergence.ts';
import { kernelForms } from '../../src/core/kernel.ts';
import { kindNames } from '../../src/core/kinds.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import { cases, everyNth } from '../cases.ts';
import { byDefinition } from '../core/divergences/by-definition.ts';
import { compareFamily, comparisonOf, everyKey, foundOf, fourDefaults, reportFamily } from './family.ts';
import { near, normals, rowsOf, seededRandom } from './rows.ts';

const random = seededRandom(20_240_603);

test('the divergences of these tests take every sum that a kernel knows, and each divergence but the cross-entropy takes one', () => {
  const names = divergenceNames.filter((name) => !isEstimate({ name }));
  const without = names.filter((name) => rowOf({ name }).kernelForm === undefined);
  assert.deepEqual(without, ['cross_entropy']);
  const taken = new Set(divergenceNames.map((name) => rowOf({ name }).kernelForm?.(0.5).form).filter((form) => form !== undefined));
  assert.deepEqual([...taken].sort(), [...kernelForms].sort());
  const tested = new Set(everyKey.map((key) => key.replace(/:.*/, '')));
  assert.deepEqual(
    names.filter((name) => !tested.has(name)),
    without,
  );
});

for (const [place, kind] of kindNames.entries()) {
  test(`regular divergences of ${kind} are the definition's, for rows of any length`, (t) => {
    const numbers = cases(t, 10_000, 1_500, 'numbers');
    for (const n of [1, 2, 3, 4, 5, 7, 10, 33, 100, 255, 256, 257, 511, 1000, 5000]) {
      const count = Math.max(4, Math.ceil(numbers / n));
      const comparison = comparisonOf(kind, rowsOf(kind, random, count, n, 1), rowsOf(kind, random, count, n, 1), [count, n]);
      for (const keys of [everyKey, fourDefaults]) {
        const share = compareFamily(comparison, keys);
        if (n >= 10) assert.equal(share, 1, `${share} of rows of ${n} are regular`);
      }
    }
    reportFamily(t);
  });

  test(`regular divergences of ${kind} are the definition's, from flat to sharp distributions`, (t) => {
    const numbers = cases(t, 2000, 500, 'numbers');
    for (const scale of [0.01, 0.1, 0.5, 2, 5, 20, 60]) {
      for (const n of [2, 3, 10, 101, 1000]) {
        const count = Math.ceil(numbers / n);
        const comparison = comparisonOf(kind, rowsOf(kind, random, count, n, scale), rowsOf(kind, random, count, n, scale), [count, n]);
        for (const keys of [everyKey, fourDefaults, ...everyKey.map((key) => [key])]) compareFamily(comparison, keys);
      }
    }
    reportFamily(t);
  });

  test(`regular divergences of ${kind} are the definition's, however near P and Q are`, (t) => {
    const distances = Array.from({ length: 15 }, (_, power) => 4 ** -power);
    const numbers = cases(t, 5000, 1000, 'numbers');
    // one kind has the distances that the next one has not
    for (const distance of everyNth(t, distances, 2, place % 2)) {
      const shares = [2, 10, 101, 1000].map((n) => {
        const count = Math.ceil(numbers / n);
        const target = rowsOf(kind, random, count, n, 1);
        const comparison = comparisonOf(kind, target, near(kind, target, n, distance, random), [count, n]);
        return [everyKey, fourDefaults].map((keys) => compareFamily(comparison, keys).toFixed(3)).join('/');
      });
      t.diagnostic(`distance ${distance.toExponential(1)}: regular ${shares}`);
    }
    reportFamily(t);
  });

  test(`rows of ${kind} are found as a whole or, where they are longer than the kernel's memory, in pieces`, (t) => {
    // each kind has another length
    for (const n of everyNth(t, [8191, 8193, 2 ** 18, 2 ** 18 + 1], 4, place % 4)) {
      const target = rowsOf(kind, random, 1, n, 1);
      const far = comparisonOf(kind, target, rowsOf(kind, random, 1, n, 1), [1, n]);
      const close = comparisonOf(kind, target, near(kind, target, n, 0.1, random), [1, n]);
      for (const keys of [everyKey, fourDefaults]) {
        assert.equal(compareFamily(far, keys), 1);
        assert.equal(compareFamily(close, keys), 1);
      }
    }
    reportFamily(t);
  });

  test(`rows of ${kind} that have weight 0 are passed over for the family, and the others found as they are alone`, () => {
    for (const n of [1, 10, 100, 9000]) {
      const count = Math.max(5, Math.ceil(30_000 / n));
      const [target, input] = [rowsOf(kind, random, count, n, 1), rowsOf(kind, random, count, n, 1)];
      const weights = Float64Array.from({ length: count }, (_, d) => (d % 3 === 1 || d > count - 3 ? 0 : 0.5));
      const alone = foundOf(comparisonOf(kind, target, input, [count, n]), fourDefaults);
      for (const [d, weight] of weights.entries()) if (weight === 0) target.fill(Number.NaN, d * n, (d + 1) * n);
      const passed = foundOf(comparisonOf(kind, target, input, [count, n], { weights }), fourDefaults);
      for (const [d, weight] of weights.entries()) {
        assert.equal(passed.trusted[d], weight === 0 ? 1 : alone.trusted[d], `row ${d} of ${n}`);
        if (weight !== 0 && alone.trusted[d] === 1)
          assert.deepEqual(passed.totals.subarray(4 * d, 4 * d + 4), alone.totals.subarray(4 * d, 4 * d + 4));
      }
    }
  });

  test(`equal rows of ${kind} are not regular for the family: their 0 is for the definition`, () => {
    const row = rowsOf(kind, random, 1, 10, 1);
    for (const key of everyKey) assert.equal(foundOf(comparisonOf(kind, row, row, [10]), [key]).trusted[0], 0, key);
  });

  test(`a row of ${kind} with a number that is not finite is not regular, and no other row is like it`, () => {
    for (const value of [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]) {
      for (const [n, k] of [
        [8, 0],
        [9, 8],
        [300, 299],
      ]) {
        for (const side of [0, 1]) {
          const rows = [rowsOf(kind, random, 3, n, 1), rowsOf(kind, random, 3, n, 1)];
          rows[side][n + k] = value;
          for (const keys of [fourDefaults, ['total_variation'], ['renyi:2']]) {
            const { trusted } = foundOf(comparisonOf(kind, rows[0], rows[1], [3, n]), keys);
            assert.deepEqual([...trusted], [1, 0, 1], `${value} at ${k} of ${n}: ${keys}`);
          }
        }
      }
    }
  });
}

test('logits are divided by the temperature once, however many passes there are', (t) => {
  for (const n of [101, 2 ** 18 + 1]) {
    const target = rowsOf('logits', random, 1, n, 2);
    for (const input of everyNth(t, [rowsOf('logits', random, 1, n, 2), near('logits', target, n, 0.1, random)], 2)) {
      const comparison = comparisonOf('logits', target, input, [1, n], { temperature: 3 });
      for (const keys of [everyKey, fourDefaults]) assert.equal(compareFamily(comparison, keys), 1);
    }
  }
});

test('a pseudocount is added to every count, however near both sides are', () => {
  for (const pseudocount of [0.5, 0.1, 1e6]) {
    for (const n of [33, 1000]) {
      const target = rowsOf('counts', random, 5, n, 1);
      for (const input of [rowsOf('counts', random, 5, n, 1), near('counts', target, n, 1e-3, random)])
        assert.ok(compareFamily(comparisonOf('counts', target, input, [5, n], { pseudocount }), fourDefaults) > 0);
    }
  }
});

test('distributions along any axes are found where they lie', () => {
  const shape = [11, 13, 17];
  const [target, input] = [0, 1].map(() => normals(random, elementCount(shape)));
  for (const dim of [0, 1, 2, [0, 2], [1, 2], [0, 1, 2]]) {
    for (const keys of [everyKey, fourDefaults])
      assert.equal(compareFamily(comparisonOf('logits', target, input, shape, { dim }), keys), 1);
  }
});

test('nearly equal logits of which a few are far apart are regular, in the rows of a few divergences as in those of all', () => {
  for (const n of [100, 257, 20_001]) {
    for (const apart of [0.7, 0.8, 1.1, 5, 20]) {
      const target = normals(random, 4 * n);
      const input = near('logits', target, n, 0.05, random);
      for (let k = 0; k < 4 * n; k += 97) input[k] += k % 2 === 0 ? apart : -apart;
      const comparison = comparisonOf('logits', target, input, [4, n]);
      for (const keys of [everyKey, fourDefaults, ['kl'], ['reverse_kl'], ['jensen_shannon']])
        assert.equal(compareFamily(comparison, keys), 1);
    }
  }
});

test('logits keep their digits for the family beside an offset, however large', () => {
  for (const offset of [1, -1e3, 1e6, -1e10, 1e15, 1e200]) {
    const shifted = normals(random, 5000).map((x) => 8 * x + offset);
    compareFamily(comparisonOf('logits', shifted, normals(random, 5000), [50, 100]));
    compareFamily(comparisonOf('logits', normals(random, 5000), shifted, [50, 100]));
  }
});

test('nearly equal logits have the digits of the definition in 400 bits, in every divergence', () => {
  for (const distance of [1e-2, 1e-4, 1e-6]) {
    for (let round = 0; round < 5; round++) {
      const target = normals(random, 12);
      const input = target.map((x, k) => x + (k % 2 === 0 ? 1 : -1) * distance * (0.1 + random()));
      const keys = everyKey.filter((key) => key !== 'total_variation');
      const found = foundOf(comparisonOf('logits', target, input, [12]), keys);
      assert.equal(found.trusted[0], 1);
      compareFamily(comparisonOf('logits', target, input, [12]), keys);
      for (const [place, key] of keys.entries()) {
        if (!(key in exactSums)) continue;
        const exact = exactSums[key](byDefinition(key, { row: [...target], kind: 'logits' }, { row: [...input], kind: 'logits' }));
        const off = Math.abs(found.totals[place] - exact) / exact;
        assert.ok(off <= 1e-14 + 1e-15 / distance, `${key} at ${distance} is ${found.totals[place]}, not ${exact}: off by ${off}`);
      }
    }
  }
});

/** What the kernel sums, of the divergence. */
const exactSums: Readonly<Record<string, (value: number) => number>> = {
  ...Object.fromEntries([...fourDefaults, 'jensen_shannon:0.001', 'chi_squared'].map((key) => [key, (value: number) => value])),
  jensen_shannon_distance: (value) => value ** 2,
  hellinger: (value) => value ** 2,
};

test('a Rényi divergence whose powers leave float64 is not regular; one of the smallest order is', () => {
  const comparison = comparisonOf('logits', normals(random, 100), normals(random, 100), [1, 100]);
  for (const key of ['renyi:1e300', 'renyi:5000']) assert.equal(foundOf(comparison, [key]).trusted[0], 0, key);
  assert.equal(compareFamily(comparison, ['renyi:1e-6', 'renyi:1e-300']), 1);
});
