import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divergence } from '../../src/core/divergence.ts';
import { kernelKinds, kernelPairs } from '../../src/core/kernel.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../src/kernels/run-kernel.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { near, normals, seededRandom, softmaxed } from './rows.ts';

const random = seededRandom(77);
const kernel = loadKernel();

type Pair = (typeof kernelPairs)[number];

const pairs = kernelPairs.slice(kernelKinds.length);

/** Probabilities of both sides as numbers of their kinds. */
function comparisonOf({ target, input }: Pair, p: Float64Array, q: Float64Array, shape: number[], dim = -1) {
  const operand = (kind: Pair['target'], probs: Float64Array) => ({
    kind,
    tensor: { shape, data: kind === 'log_probs' ? probs.map(Math.log) : probs },
  });
  return {
    target: operand(target, p),
    input: operand(input, q),
    axes: distributionAxes(shape, dim),
    temperature: 1,
    pseudocount: 0,
  };
}

/** Compares the trusted rows with the definition, and returns their share. */
function compare(pair: Pair, p: Float64Array, q: Float64Array, shape: number[], dim = -1): number {
  assert.ok(kernel);
  const comparison = comparisonOf(pair, p, q, shape, dim);
  const expected = divergence(comparison, { base: 'e', wantsTerms: true });
  const found = runKernel({ kernel }, comparison, { wantsTerms: true });
  assert.ok(found);
  let trusted = 0;
  for (const [d, isTrusted] of found.trusted.entries()) {
    if (isTrusted === 0) continue;
    trusted++;
    const total = expected.perDistribution[d];
    assert.ok(Math.abs(found.totals[d] / total - 1) <= 1e-12, `${JSON.stringify(pair)}: ${found.totals[d]}, not ${total}`);
    for (const step of comparison.axes.outcomeOffsets) {
      const element = comparison.axes.distributionOffsets[d] + step;
      // the logarithm of a probability is rounded, and a term takes that rounding as it is
      const size = p[element] * (Math.abs(Math.log(p[element])) + Math.abs(Math.log(q[element])));
      assert.ok(Math.abs(found.terms[element] - expected.terms[element]) <= 1e-15 * (1 + size));
    }
  }
  return trusted / found.trusted.length;
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

  test(`of ${name} a row with a mask, a NaN or a mass off 1 is left to the definition, and no other`, () => {
    assert.ok(kernel);
    const spoil = {
      mask: (row: Float64Array) => row.fill(0, 2, 3),
      NaN: (row: Float64Array) => row.fill(Number.NaN, 4, 5),
      mass: (row: Float64Array) => row.set(row.map((p) => 1.001 * p)),
    };
    for (const [what, change] of Object.entries(spoil)) {
      for (const side of [0, 1]) {
        const [p, q] = [0, 1].map(() => softmaxed(normals(random, 27), 9));
        change([p, q][side].subarray(9, 18));
        const found = runKernel({ kernel }, comparisonOf(pair, p, q, [3, 9]), { wantsTerms: false });
        assert.deepEqual([...(found?.trusted ?? [])], [1, 0, 1], what);
      }
    }
  });
}

test('forms of log-probabilities are left to the definition', () => {
  assert.ok(kernel);
  for (const pair of pairs) {
    const p = softmaxed(normals(random, 9), 9);
    assert.equal(
      runKernel({ kernel }, comparisonOf(pair, p, p, [9]), { wantsTerms: false, forms: [{ form: 'kl', parameter: 0 }] }),
      undefined,
    );
  }
});
