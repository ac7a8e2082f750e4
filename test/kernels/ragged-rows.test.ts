import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Comparison } from '../../src/core/comparison.ts';
import { divergence } from '../../src/core/divergence.ts';
import { computeFamily } from '../../src/core/divergences/compute-family.ts';
import { topOneAgreement } from '../../src/core/top-one.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../src/kernels/run-kernel.ts';
import { rowAxes } from '../../src/tensor/axes.ts';
import { kinds } from './compare.ts';
import { foundOf, fourDefaults, named } from './family.ts';
import { normals, seededRandom } from './rows.ts';

const random = seededRandom(82);
const kernel = loadKernel();

const lengths = Uint32Array.from({ length: 400 }, (_, d) => (d === 7 ? 0 : d === 99 ? 9000 : 1 + Math.floor(40 * random())));

/** Rows of these lengths, with room for one number where a row is empty; some outcomes have no mass on one side or both. */
function raggedOf(kind: (typeof kinds)[number], share: number): Comparison {
  const starts = new Uint32Array(lengths.length);
  for (let d = 1; d < lengths.length; d++) starts[d] = starts[d - 1] + Math.max(1, lengths[d - 1]);
  const size = starts[lengths.length - 1] + lengths[lengths.length - 1];
  const none = kind === 'logits' ? Number.NEGATIVE_INFINITY : 0;
  const side = () => {
    const data = normals(random, size).map((x) => (kind === 'logits' ? x : Math.exp(x)));
    for (const [d, start] of starts.entries()) {
      const row = data.subarray(start, start + lengths[d]);
      // never the first, so that each row has mass
      for (let k = 1; k < row.length; k++) if (random() < share) row[k] = none;
      const sum = row.reduce((total, x) => total + x, 0);
      if (kind === 'probs') row.set(row.map((x) => x / sum));
    }
    return { kind, tensor: { shape: [lengths.length, 9000], data } };
  };
  const weights = Float64Array.from(lengths, (length, d) => (length === 0 || d % 9 === 4 ? 0 : 1 + (d % 2)));
  return { input: side(), target: side(), axes: rowAxes([lengths.length], starts, lengths), temperature: 1, pseudocount: 0, weights };
}

const isNear = (value: number, expected: number) =>
  Object.is(value, expected) || Math.abs(value - expected) <= 1e-12 + 1e-12 * Math.abs(expected);

for (const kind of kinds) {
  for (const [what, share] of Object.entries({ 'with mass everywhere': 0, 'of which some outcomes have no mass': 0.1 })) {
    test(`rows of different lengths, ${kind} ${what}, are found as the definition has them, and most by the kernel`, () => {
      assert.ok(kernel);
      const comparison = raggedOf(kind, share);
      for (const wantsTerms of [false, true]) {
        const found = runKernel({ kernel }, comparison, { wantsTerms, wantsAgreement: true });
        assert.ok(found);
        // with terms, the definition finds rows in which outcomes have no mass
        const byKernel = found.trusted.filter((mark, d) => mark > 0 && comparison.weights?.[d] !== 0).length;
        if (share === 0 || !wantsTerms) assert.ok(byKernel > 0.5 * lengths.length, `${byKernel}`);
        const expected = divergence(comparison, { base: 2, wantsTerms });
        const agreement = topOneAgreement(comparison);
        assert.deepEqual(
          [...(found.agrees ?? [])].filter((_, d) => comparison.weights?.[d] !== 0),
          [...agreement].filter((_, d) => comparison.weights?.[d] !== 0),
        );
        const actual = divergence(comparison, { base: 2, wantsTerms, found });
        assert.ok(expected.perDistribution.every((total, d) => isNear(actual.perDistribution[d], total)));
        assert.ok(expected.terms.every((term, at) => isNear(actual.terms[at], term)));
        for (const fact of ['zeroOverZero', 'infiniteTerms', 'negativeTotals', 'massDifferences'] as const)
          assert.deepEqual(actual.facts[fact], expected.facts[fact], fact);
        if (wantsTerms) assert.deepEqual(actual.facts.negativeTerms, expected.facts.negativeTerms);
      }
    });
  }

  test(`several divergences of rows of different lengths, ${kind}, are found as the definition has them`, () => {
    const comparison = raggedOf(kind, 0);
    const asked = named(fourDefaults);
    const found = foundOf(comparison, fourDefaults);
    assert.ok(found.trusted.filter((mark) => mark === 1).length > 0.5 * lengths.length);
    const [expected, actual] = [undefined, found].map((by) =>
      computeFamily(comparison, { base: 'e', asked, wantsTerms: false, found: by }),
    );
    for (const [at, member] of expected.members.entries()) {
      assert.ok(
        member.perDistribution.every((total, d) => isNear(actual.members[at].perDistribution[d], total)),
        fourDefaults[at],
      );
    }
  });
}
