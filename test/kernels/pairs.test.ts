import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Comparison } from '../../src/core/comparison.ts';
import { divergence } from '../../src/core/divergence.ts';
import { kernelPairs } from '../../src/core/kernel.ts';
import { kinds } from '../../src/core/kinds.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../src/kernels/run-kernel.ts';
import { marksOf } from './marks.ts';
import { comparisonOfProbs as comparisonOf, type Pair } from './of-probs.ts';
import { near, normals, seededRandom, softmaxed } from './rows.ts';

const random = seededRandom(77);
const kernel = loadKernel();

const pairs = kernelPairs.filter(({ target, input }) => target !== input || target === 'log_probs');

/** Compares the trusted rows with the definition, and returns their share. */
function compare(pair: Pair, p: Float64Array, q: Float64Array, shape: number[], dim = -1): number {
  assert.ok(kernel);
  const comparison = comparisonOf(pair, p, q, shape, dim);
  const expected = divergence(comparison, { base: 'e', wantsTerms: true });
  const found = runKernel({ kernel }, comparison, { wantsTerms: true });
  assert.ok(found);
  // a sum of masses that one side alone is divided by is rounded, here as in the definition, and the total takes that rounding as it is
  const slack = kinds[pair.target].normalizes || kinds[pair.input].normalizes ? 5e-16 : 0;
  let trusted = 0;
  for (const [d, isTrusted] of found.trusted.entries()) {
    if (isTrusted === 0) continue;
    trusted++;
    const total = expected.perDistribution[d];
    assert.ok(Math.abs(found.totals[d] - total) <= 1e-12 * total + slack, `${JSON.stringify(pair)}: ${found.totals[d]}, not ${total}`);
    for (const step of comparison.axes.outcomeOffsets) {
      const element = comparison.axes.distributionOffsets[d] + step;
      // the logarithm of a probability is rounded, and a term takes that rounding as it is
      const logs = Math.abs(Math.log(p[element])) + Math.abs(Math.log(q[element])) + (slack === 0 ? 0 : 10);
      const size = p[element] * logs;
      assert.ok(Math.abs(found.terms[element] - expected.terms[element]) <= 1e-15 * (1 + size));
    }
  }
  return trusted / found.trusted.length;
}

function trustedOf(comparison: Comparison): number[] {
  assert.ok(kernel);
  return [...(runKernel({ kernel }, comparison, { wantsTerms: false })?.trusted ?? [])];
}

for (const pair of pairs) {
  const name = `${pair.target} against ${pair.input}`;

  test(`a trusted total of ${name} is the definition's, for rows of any length and along any axis`, () => {
    for (const n of [1, 2, 3, 10, 33, 255, 256, 257, 1000, 8193]) {
      const count = Math.max(4, Math.ceil(10_000 / n));
      const rows = () => softmaxed(normals(random, count * n), n);
      const share = compare(pair, rows(), rows(), [count, n]);
      if (n >= 10) assert.equal(share, 1, `${share} of rows of ${n}`);
    }
    const across = softmaxed(normals(random, 30), 30);
    const other = softmaxed(normals(random, 30), 30);
    const columns = (row: Float64Array) => Float64Array.from({ length: 90 }, (_, k) => row[Math.floor(k / 3)]);
    assert.equal(compare(pair, columns(across), columns(other), [30, 3], 0), 1);
  });

  test(`a trusted total of ${name} is the definition's, from flat to sharp and from far to near`, () => {
    for (const scale of [0.01, 0.5, 3, 20]) {
      for (const distance of [1, 0.1, 0.01, 1e-4, 1e-7]) {
        const p = softmaxed(
          normals(random, 3000).map((x) => scale * x),
          30,
        );
        compare(pair, p, near('probs', p, 30, distance, random), [100, 30]);
      }
    }
  });

  test(`of ${name} a NaN, or a mass that is used as it stands and is off 1, leaves its row to the definition, and no other`, () => {
    for (const side of ['target', 'input'] as const) {
      const spoil = {
        NaN: (row: Float64Array) => row.fill(Number.NaN, 4, 5),
        infinity: (row: Float64Array) => row.fill(Number.POSITIVE_INFINITY, 4, 5),
        ...(kinds[pair[side]].normalizes ? {} : { mass: (row: Float64Array) => row.set(row.map((p) => 1.001 * p)) }),
      };
      for (const [what, change] of Object.entries(spoil)) {
        const sides = { target: softmaxed(normals(random, 27), 9), input: softmaxed(normals(random, 27), 9) };
        change(sides[side].subarray(9, 18));
        assert.deepEqual(trustedOf(comparisonOf(pair, sides.target, sides.input, [3, 9])), [1, 0, 1], what);
      }
    }
  });

  test(`${name} without mass in some outcomes is found, with what is to be noted, on both sides or on one`, () => {
    for (const n of [5, 9, 256, 600]) {
      const count = 12;
      const hasNone = (side: number) => (k: number) => {
        const row = Math.floor(k / n);
        return (row % 2 === 1 && k % n === 2) || (row % 3 === side && k % n === 3 + side);
      };
      const sides = [0, 1].map((side) => {
        const rows = normals(random, count * n).map((x, k) => (hasNone(side)(k) ? Number.NEGATIVE_INFINITY : x));
        return softmaxed(rows, n);
      });
      const comparison = comparisonOf(pair, sides[0], sides[1], [count, n]);
      const trusted = marksOf(comparison);
      assert.deepEqual(
        trusted,
        Array.from({ length: count }, (_, row) => (row % 2 === 1 || row % 3 < 2 ? 2 : 1)),
        `rows of ${n}`,
      );
    }
  });

  test(`${name} with nothing but outcomes without mass on a side is left to the definition`, () => {
    for (const side of ['target', 'input'] as const) {
      const sides = { target: softmaxed(normals(random, 27), 9), input: softmaxed(normals(random, 27), 9) };
      sides[side].fill(0, 9, 18);
      assert.deepEqual(trustedOf(comparisonOf(pair, sides.target, sides.input, [3, 9])), [1, 0, 1]);
    }
  });
}

test('for the KL divergence the temperature divides logits and a pseudocount is added to counts, whatever the other side is', () => {
  for (const pair of pairs) {
    for (const n of [33, 8193]) {
      const rows = () => softmaxed(normals(random, 4 * n), n);
      const comparison = { ...comparisonOf(pair, rows(), rows(), [4, n]), temperature: 2.5, pseudocount: 0.5 };
      assert.deepEqual(marksOf(comparison), [1, 1, 1, 1], `${pair.target} against ${pair.input}`);
    }
  }
});

test('long rows of two models are found in every pair of kinds, down to a divergence of 0.002', () => {
  for (const pair of pairs) {
    const logits = normals(random, 16_000).map((x) => 3 * x);
    const p = softmaxed(logits, 8000);
    for (const distance of [0.065, 0.1, 0.3]) {
      const share = compare(pair, p, near('probs', p, 8000, distance, random), [2, 8000]);
      assert.equal(share, 1, `${pair.target} against ${pair.input}, ${distance}`);
    }
  }
});

test('logits nearly equal to log-probabilities are found, as the masks that both have are passed over', () => {
  for (const target of ['logits', 'log_probs'] as const) {
    for (const input of ['logits', 'log_probs'] as const) {
      for (const masked of [0, 0.1]) {
        const logits = normals(random, 3000).map((x) => (masked > 0 && random() < masked ? Number.NEGATIVE_INFINITY : 3 * x));
        const p = softmaxed(logits, 1000);
        const q = softmaxed(
          logits.map((x) => x + random()),
          1000,
        );
        const mark = masked === 0 ? 1 : 2;
        assert.deepEqual(marksOf(comparisonOf({ target, input }, p, q, [3, 1000])), [mark, mark, mark], `${target}, ${input}`);
      }
    }
  }
});
