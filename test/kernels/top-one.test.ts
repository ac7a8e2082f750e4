import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topOneAgreement } from '../../src/core/top-one.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../src/kernels/run-kernel.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { kinds } from './compare.ts';
import { near, normals, rowsOf, seededRandom } from './rows.ts';

const random = seededRandom(31);
const kernel = loadKernel();

/** What the kernel and the definition say of distributions of n. */
function both(
  target: Float64Array,
  input: Float64Array,
  shape: number[],
  dim: number,
  weights?: Float64Array,
  kind: (typeof kinds)[number] = 'logits',
) {
  assert.ok(kernel);
  const comparison = {
    input: { kind, tensor: { shape, data: input } },
    target: { kind, tensor: { shape, data: target } },
    axes: distributionAxes(shape, dim),
    temperature: kind === 'logits' ? 0.7 : 1,
    pseudocount: kind === 'counts' ? 0.5 : 0,
    weights,
  };
  const found = runKernel({ kernel }, comparison, { wantsTerms: true, wantsAgreement: true });
  return { found: [...(found?.agrees ?? [])], defined: [...topOneAgreement(comparison)] };
}

test('the kernel finds where both sides have the same most likely outcome, for rows of any length and along any axis', () => {
  const shares: number[] = [];
  for (const kind of kinds) {
    for (const n of [1, 2, 3, 4, 5, 7, 33, 255, 256, 257, 513, 1000, 8191, 8192, 8193, 20_000]) {
      const count = Math.max(5, Math.ceil(2000 / n));
      const target = rowsOf(kind, random, count, n, 1);
      const input = near(kind, target, n, 0.5, random);
      const weights = Float64Array.from({ length: count }, (_, d) => (d % 3 === 1 ? 0 : 1));
      for (const given of [undefined, weights]) {
        const { found, defined } = both(target, input, [count, n], -1, given, kind);
        assert.deepEqual(found, defined, `${kind}, ${n}`);
        shares.push(found.reduce((sum, agrees) => sum + agrees, 0) / count);
      }
      const across = both(target, input, [n, count], 0, undefined, kind);
      assert.deepEqual(across.found, across.defined, `${kind}, ${n} along axis 0`);
    }
  }
  assert.ok(shares.some((share) => share > 0.2 && share < 0.8));
});

test('of equally likely outcomes the first counts, wherever they stand', () => {
  for (const n of [2, 5, 256, 300, 700, 9000]) {
    for (let round = 0; round < 40; round++) {
      const row = () => normals(random, n).map((x) => Math.min(1, Math.round(x)));
      const { found, defined } = both(row(), row(), [n], 0);
      assert.deepEqual(found, defined, `${n}`);
    }
  }
  const same = both(Float64Array.of(0, 2, 2), Float64Array.of(0, 3, 1), [3], 0);
  const other = both(Float64Array.of(2, 2, 0), Float64Array.of(0, 3, 1), [3], 0);
  assert.deepEqual([same.found, other.found], [[1], [0]]);
});
