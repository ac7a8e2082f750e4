import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeFamily } from '../../../src/core/divergences/compute-family.ts';
import { divergenceNames, isEstimate, type NamedDivergence, parseDivergence } from '../../../src/core/divergences/named-divergence.ts';
import { chanceOf, spreadOf } from '../../../src/core/sampling/chance.ts';
import { testHomogeneity } from '../../../src/core/sampling/homogeneity.ts';
import { drawCounts, seededRandom } from '../../../src/core/sampling/random.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';

const common = [0.2, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05, 0.04, 0.04, 0.02];
const sizes = { input: 3000, target: 2000 };
const repetitions = 10_000;
const named = (key: string) => parseDivergence(key) as NamedDivergence;

/** Counts of samples that both sides drew from one distribution. */
function sampled(seed: number) {
  const random = seededRandom(seed);
  const draw = (size: number) => {
    const counts = new Float64Array(repetitions * common.length);
    for (let row = 0; row < repetitions; row++) {
      drawCounts(random, size, common, counts.subarray(row * common.length, (row + 1) * common.length));
    }
    return counts;
  };
  return { input: draw(sizes.input), target: draw(sizes.target) };
}

const counts = sampled(11);
const rowOf = (side: Float64Array, row: number) => side.subarray(row * common.length, (row + 1) * common.length);
const tests = Array.from({ length: repetitions }, (_, row) =>
  testHomogeneity({ input: rowOf(counts.input, row), target: rowOf(counts.target, row) }),
);

test('the p-values of samples of one distribution are uniform, by the test of Kolmogorov and Smirnov', () => {
  const sorted = tests.map(({ pValue }) => pValue).sort((a, b) => a - b);
  const distance = Math.max(...sorted.map((p, i) => Math.max((i + 1) / repetitions - p, p - i / repetitions)));
  // the 5 % point of the test
  assert.ok(distance < 1.358 / Math.sqrt(repetitions), String(distance));
});

function valuesOf(keys: readonly string[], base: 'e' | number, pseudocount = 0): Float64Array[] {
  const operand = (data: Float64Array) => ({ kind: 'counts', tensor: { shape: [repetitions, common.length], data } }) as const;
  const axes = distributionAxes([repetitions, common.length], 1);
  const comparison = { input: operand(counts.input), target: operand(counts.target), axes, temperature: 1, pseudocount };
  return computeFamily(comparison, { base, asked: keys.map(named), wantsTerms: false }).members.map(
    ({ perDistribution }) => perDistribution,
  );
}

const spread = 9 * (1 / sizes.input + 1 / sizes.target);
const keys = [
  'kl',
  'reverse_kl',
  'jeffreys',
  'jensen_shannon',
  'jensen_shannon:0.1',
  'jensen_shannon_distance',
  'renyi:0.5',
  'renyi:3',
  'hellinger',
  'chi_squared',
];

for (const [index, values] of valuesOf(keys, 'e').entries()) {
  const key = keys[index];
  test(`${key} of samples of one distribution is on average what is expected by chance, within 2 %, and exceeds its bound once in twenty times`, () => {
    const mean = values.reduce((sum, value) => sum + value, 0) / repetitions;
    const chance = chanceOf(named(key), spread, 9, 1);
    assert.ok(chance !== undefined && Math.abs(mean / chance.expected - 1) < 0.02, `${mean}, expected ${chance?.expected}`);
    const exceeding = values.filter((value) => value > chance.exceededOnceInTwenty).length / repetitions;
    assert.ok(exceeding > 0.04 && exceeding < 0.06, String(exceeding));
  });
}

test('of the divergences of distributions only total variation and cross-entropy have no such expectation', () => {
  const none = divergenceNames
    .filter((name) => !isEstimate({ name }))
    .filter((name) => chanceOf({ key: name, name, parameter: 0.5 }, spread, 9, 1) === undefined);
  assert.deepEqual(none, ['cross_entropy', 'total_variation']);
});

test('PSI of a hundred values a side in ten bins is 0.18 by chance', () => {
  const hundred = Array.from({ length: 10 }, () => 10);
  const counted = { input: hundred, target: hundred };
  const chance = chanceOf(named('jeffreys'), spreadOf(counted, testHomogeneity(counted), 0), 9, 1);
  assert.ok(chance !== undefined && Math.abs(chance.expected - 0.18) < 1e-12);
});

test('outcomes that were never observed add nothing to what is expected', () => {
  const [some, more] = [
    [3, 4, 5],
    [0, 3, 0, 4, 5],
  ].map((each) => ({ input: each, target: each }));
  assert.equal(spreadOf(some, testHomogeneity(some), 0), spreadOf(more, testHomogeneity(more), 0));
});

for (const pseudocount of [1e-12, 0.5, 5, 40]) {
  test(`with a pseudocount of ${pseudocount} on both sides the expectation is met within 2 %`, () => {
    const [values] = valuesOf(['kl'], 2, pseudocount);
    const mean = values.reduce((sum, value) => sum + value, 0) / repetitions;
    const together = { input: common.map((share) => share * sizes.input), target: common.map((share) => share * sizes.target) };
    const chance = chanceOf(named('kl'), spreadOf(together, testHomogeneity(together), pseudocount), 9, Math.LN2);
    assert.ok(chance !== undefined && Math.abs(mean / chance.expected - 1) < 0.02, `${mean}, expected ${chance?.expected}`);
    const exceeding = values.filter((value) => value > chance.exceededOnceInTwenty).length / repetitions;
    assert.ok(exceeding > 0.04 && exceeding < 0.06, String(exceeding));
  });
}

test('without observations, or with those of one outcome, chance changes nothing: what is expected is the bound too', () => {
  const chanceOfCounts = (input: readonly number[], target: readonly number[]) => {
    const homogeneity = testHomogeneity({ input, target });
    const spread = spreadOf({ input, target }, homogeneity, 0.5);
    return ['kl', 'hellinger'].map((key) => chanceOf(named(key), spread, homogeneity.degrees, 1));
  };
  for (const chance of chanceOfCounts([0, 0, 0], [0, 0, 0])) assert.deepEqual(chance, { expected: 0, exceededOnceInTwenty: 0 });
  for (const chance of chanceOfCounts([2, 0, 0], [70, 0, 0])) {
    assert.ok(chance !== undefined && chance.expected > 0.01 && chance.expected === chance.exceededOnceInTwenty);
  }
});
