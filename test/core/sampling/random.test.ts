import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chiSquareSurvival } from '../../../src/core/sampling/chi-square.ts';
import { binomial, drawCounts, seededRandom } from '../../../src/core/sampling/random.ts';

test('one seed gives the same numbers each time, others give others', () => {
  const first = (...seeds: number[]) => {
    const random = seededRandom(...seeds);
    return [random(), random(), random()];
  };
  assert.deepEqual(first(7), first(7));
  const all = [first(0), first(1), first(2 ** 32), first(2 ** 32 + 1), first(0, 1), first(1, 0), first(2 ** 53 - 1)];
  assert.equal(new Set(all.flat()).size, 21);
});

test('numbers are spread evenly over 0 to 1', () => {
  const random = seededRandom(3);
  const counts = new Float64Array(1000);
  for (let i = 0; i < 1e6; i++) counts[Math.floor(1000 * random())]++;
  const statistic = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  const p = chiSquareSurvival(statistic, 999);
  assert.ok(p > 0.001 && p < 0.999, String(p));
});

/** log of the probability of k successes, by the product of its factors. */
function probabilities(n: number, p: number): number[] {
  const shares = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) shares.push((shares[k - 1] * ((n - k + 1) / k) * p) / (1 - p));
  return shares;
}

for (const [n, p] of [
  [1, 0.3],
  [5, 0.5],
  [40, 0.01],
  [40, 0.97],
  [50, 0.25],
  [200, 0.05],
  [300, 0.5],
  [300, 0.9],
]) {
  test(`the successes of ${n} trials with probability ${p} are distributed as they should`, () => {
    const random = seededRandom(n, 100 * p);
    const draws = 200_000;
    const counts = new Float64Array(n + 1);
    for (let i = 0; i < draws; i++) counts[binomial(random, n, p)]++;
    let statistic = 0;
    let cells = 0;
    let rest = { count: draws, expected: draws };
    for (const [k, share] of probabilities(n, p).entries()) {
      if (draws * share < 10) continue;
      statistic += (counts[k] - draws * share) ** 2 / (draws * share);
      rest = { count: rest.count - counts[k], expected: rest.expected - draws * share };
      cells++;
    }
    if (rest.expected > 1) {
      statistic += (rest.count - rest.expected) ** 2 / rest.expected;
      cells++;
    }
    const probability = chiSquareSurvival(statistic, cells - 1);
    assert.ok(probability > 0.001, `p = ${probability}`);
  });
}

test('no trial, no chance and certainty need no luck', () => {
  const random = seededRandom(1);
  assert.deepEqual([binomial(random, 0, 0.4), binomial(random, 9, 0), binomial(random, 9, 1), binomial(random, 1e6, 1)], [0, 0, 9, 1e6]);
});

test('as many observations are drawn as there are, none of an outcome that has none, in proportion to the counts', () => {
  const random = seededRandom(5);
  const counts = [0, 1, 900, 0, 99_099, 0];
  const sums = new Float64Array(counts.length);
  const drawn = new Float64Array(counts.length);
  for (let i = 0; i < 1000; i++) {
    drawCounts(random, 100_000, counts, drawn);
    assert.equal(
      drawn.reduce((a, b) => a + b),
      100_000,
    );
    for (let k = 0; k < drawn.length; k++) sums[k] += drawn[k] / 1000;
  }
  // three standard errors
  for (const [k, count] of counts.entries()) assert.ok(Math.abs(sums[k] - count) <= 3 * Math.sqrt(count / 1000), `${sums[k]} of ${count}`);
});
