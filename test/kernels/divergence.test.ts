import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import { cases, everyNth } from '../cases.ts';
import { compare, found, kinds, report } from './compare.ts';
import { near, normals, rowsOf, seededRandom } from './rows.ts';

const random = seededRandom(20_240_601);

for (const [place, kind] of kinds.entries()) {
  test(`a regular total of ${kind} is the definition's, for rows of any length`, (t) => {
    const numbers = cases(t, 20_000, 2_500, 'numbers');
    for (const n of [1, 2, 3, 4, 5, 7, 10, 33, 100, 255, 256, 257, 511, 1000, 5000]) {
      const count = Math.max(4, Math.ceil(numbers / n));
      const shape = [count, n];
      const share = compare(kind, rowsOf(kind, random, count, n, 1), rowsOf(kind, random, count, n, 1), shape);
      if (n >= 10) assert.deepEqual(share, [1, 1], `${share} of rows of ${n} are regular`);
    }
    report(t);
  });

  test(`a regular total of ${kind} is the definition's, from flat to sharp distributions`, (t) => {
    const numbers = cases(t, 10_000, 1_000, 'numbers');
    for (const scale of [0.01, 0.1, 0.5, 2, 5, 20, 60]) {
      for (const n of [2, 3, 10, 101, 1000]) {
        const count = Math.ceil(numbers / n);
        compare(kind, rowsOf(kind, random, count, n, scale), rowsOf(kind, random, count, n, scale), [count, n]);
      }
    }
    report(t);
  });

  test(`a regular total of ${kind} is the definition's, however near P and Q are`, (t) => {
    const numbers = cases(t, 10_000, 1_000, 'numbers');
    for (let distance = 1; distance > 1e-9; distance /= 4) {
      const shares = [2, 10, 101, 1000].map((n) => {
        const count = Math.ceil(numbers / n);
        const target = rowsOf(kind, random, count, n, 1);
        return compare(kind, target, near(kind, target, n, distance, random), [count, n]);
      });
      t.diagnostic(
        `distance ${distance.toExponential(1)}: regular ${shares.map(([plain, all]) => `${plain.toFixed(3)}/${all.toFixed(3)}`)}`,
      );
    }
    report(t);
  });

  test(`a row of ${kind} that is longer than the kernel's memory comes in pieces`, (t) => {
    // each kind has another length
    for (const n of everyNth(t, [8191, 8193, 2 ** 18 - 1, 2 ** 18, 2 ** 18 + 1, 2 ** 18 + 8193], 6, 2 * place + 1)) {
      const target = rowsOf(kind, random, 2, n, 1);
      assert.deepEqual(compare(kind, target, rowsOf(kind, random, 2, n, 1), [2, n]), [1, 1]);
      compare(kind, target, near(kind, target, n, 0.01, random), [2, n]);
      compare(kind, rowsOf(kind, random, 2, n, 1), rowsOf(kind, random, 2, n, 1), [n, 2], 0);
    }
    report(t);
  });

  test(`distributions of ${kind} along any axes are found where they lie`, (t) => {
    const shape = [11, 13, 17];
    for (const dim of [0, 1, 2, [0, 2], [1, 2], [0, 1], [0, 1, 2]]) {
      const n = elementCount([dim].flat().map((axis) => shape[axis]));
      const target = new Float64Array(11 * 13 * 17);
      const input = new Float64Array(11 * 13 * 17);
      const rows = { target: rowsOf(kind, random, target.length / n, n, 1), input: rowsOf(kind, random, target.length / n, n, 1) };
      const { distributionOffsets, outcomeOffsets } = distributionAxes(shape, dim);
      for (const [d, start] of distributionOffsets.entries()) {
        for (const [k, step] of outcomeOffsets.entries()) {
          target[start + step] = rows.target[d * n + k];
          input[start + step] = rows.input[d * n + k];
        }
      }
      assert.deepEqual(compare(kind, target, input, shape, dim), [1, 1]);
    }
    report(t);
  });

  test(`equal rows of ${kind} are not regular for the KL divergence: their 0 is for the definition`, () => {
    const row = rowsOf(kind, random, 1, 10, 1);
    assert.equal(found(kind, row, row, [10], 0).trusted[0], 0);
  });
}

test('logits keep their digits for the KL divergence beside an offset, however large', (t) => {
  for (const offset of [1, -1e3, 1e6, -1e10, 1e15, 1e200]) {
    const target = normals(random, 10_000).map((x) => 8 * x + offset);
    compare('logits', target, normals(random, 10_000), [100, 100]);
    compare('logits', normals(random, 10_000), target, [100, 100]);
  }
  report(t);
});

for (const kind of kinds) {
  test(`rows of ${kind} that have weight 0 are passed over for the KL divergence, and the others found as they are alone`, () => {
    for (const n of [1, 10, 100, 5000, 9000]) {
      const count = Math.max(5, Math.ceil(30_000 / n));
      const rows = { target: rowsOf(kind, random, count, n, 1), input: rowsOf(kind, random, count, n, 1) };
      const weights = Float64Array.from({ length: count }, (_, d) => (d % 3 === 1 || d > count - 3 ? 0 : 0.5));
      const alone = found(kind, rows.target, rows.input, [count, n], 1);
      for (const [d, weight] of weights.entries()) if (weight === 0) rows.target.fill(Number.NaN, d * n, (d + 1) * n);
      const passed = found(kind, rows.target, rows.input, [count, n], 1, true, 1, weights);
      for (const [d, weight] of weights.entries()) {
        assert.equal(passed.trusted[d], weight === 0 ? 1 : alone.trusted[d], `row ${d} of ${n}`);
        if (weight === 0) assert.equal(passed.totals[d], 0);
        else {
          assert.equal(passed.totals[d], alone.totals[d]);
          if (alone.trusted[d] === 0) continue;
          assert.deepEqual(passed.terms.subarray(d * n, (d + 1) * n), alone.terms.subarray(d * n, (d + 1) * n));
        }
      }
    }
  });
}
