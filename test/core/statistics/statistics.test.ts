import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { selectQuantiles, shareOf, statisticsOf } from '../../../src/core/statistics/statistics.ts';
import { weightedSum } from '../../../src/core/weights.ts';

type Golden = {
  readonly values: number[];
  readonly mean: number;
  readonly standard_deviation: number;
  readonly standard_error: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly quantiles: [number, number][];
  readonly largest: [number, number][];
};

const golden: Record<string, Golden> = JSON.parse(readFileSync(new URL('../../golden/statistics.json', import.meta.url), 'utf8'));

const quantiles = [0, 0.1, 1 / 3, 0.5, 0.9, 1];

const described = (values: readonly number[], weights?: readonly number[], asked: readonly number[] = quantiles) => {
  const perDistribution = Float64Array.from(values);
  const given = weights && Float64Array.from(weights);
  return statisticsOf({ terms: new Float64Array(0), perDistribution, sum: weightedSum(perDistribution, given) }, given, asked);
};

/** @param rounding what the numbers that it was computed from may be rounded by */
function close(actual: number | null, expected: number | null, what: string, tolerance = 1e-12, rounding = 0): void {
  const difference = Math.abs(Number(actual) - Number(expected));
  const isClose = Object.is(actual, expected) || difference <= tolerance * Math.abs(Number(expected)) + rounding;
  assert.ok(isClose, `${what} is ${actual}, not ${expected}`);
}

for (const [name, expected] of Object.entries(golden)) {
  test(`statistics are those of NumPy, and the errors those of llama.cpp: ${name}`, () => {
    const { values, mean, standard_deviation, standard_error, minimum, maximum, largest } = expected;
    for (const weights of [undefined, values.map(() => 1), values.map(() => 0.3)]) {
      const found = described(
        values,
        weights,
        expected.quantiles.map(([q]) => q),
      );
      assert.equal(found.count, values.length);
      close(found.mean, mean, 'mean');
      // the mean's own rounding is carried by every deviation
      const tolerance = 1e-12 + (1e-14 * mean) / standard_deviation;
      close(found.standardDeviation, standard_deviation, 'standard deviation', tolerance);
      close(found.standardError, standard_error, 'standard error', tolerance);
      assert.deepEqual([found.minimum, found.maximum], [minimum, maximum]);
      for (const [place, [q, value]] of expected.quantiles.entries()) close(found.quantiles[place].value, value, `quantile ${q}`, 1e-14);
      assert.deepEqual(
        found.largest.map(({ at, value }) => [at, value]),
        largest,
      );
    }
  });
}

test('a distribution of weight 0 is in no statistic, whatever it holds', () => {
  const kept = described([3, 1, 2, 5]);
  const { largest, ...others } = described([3, Number.NaN, 1, 2, Number.NaN, 5], [1, 0, 1, 1, 0, 1]);
  assert.deepEqual(others, (({ largest: _, ...rest }) => rest)(kept));
  assert.deepEqual(
    largest.map(({ at, value }) => [at, value]),
    [
      [5, 5],
      [0, 3],
      [3, 2],
      [2, 1],
    ],
  );
});

test('a weight that is nearly all of the sum leaves the deviation its digits', () => {
  // of two values the variance is half of the square of their difference, whatever their weights
  for (const small of [1e-3, 1e-13, 1e-16, 1e-30, 1e-300]) {
    const { standardDeviation } = described([1, 3], [1, small]);
    close(standardDeviation, Math.SQRT2, `deviation with a weight of ${small}`);
  }
});

const divergences = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 40 });
const weighted = divergences.chain((values) =>
  fc.tuple(
    fc.constant(values),
    fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: values.length, maxLength: values.length }),
  ),
);

test('weighted statistics do not change when all weights are multiplied by one number', () => {
  fc.assert(
    fc.property(weighted, fc.constantFrom(0.125, 3, 1e6), ([values, weights], factor) => {
      const [one, other] = [
        described(values, weights),
        described(
          values,
          weights.map((w) => factor * w),
        ),
      ];
      // a mean that is rounded shows in the deviation as much more as there are weights for each degree of freedom
      const [w, squares] = [weights.reduce((a, b) => a + b, 0), weights.reduce((a, b) => a + b * b, 0)];
      const rounding = 2 * Number.EPSILON * Math.max(...values.map(Math.abs)) * Math.sqrt(w / (w - squares / w));
      close(other.mean, one.mean, 'mean');
      close(other.standardDeviation, one.standardDeviation, 'standard deviation', 1e-9, rounding);
      close(other.standardError, one.standardError, 'standard error', 1e-9, rounding);
      for (const [place, { value }] of one.quantiles.entries()) close(other.quantiles[place].value, value, 'quantile', 1e-9);
    }),
  );
});

test('weighted spread and quantiles are those of a plain implementation of their definitions', () => {
  fc.assert(
    fc.property(weighted, ([values, weights]) => {
      const found = described(values, weights);
      const sum = (of: readonly number[]) => of.reduce((a, b) => a + b, 0);
      const [w, squares] = [sum(weights), sum(weights.map((x) => x * x))];
      const mean = sum(values.map((x, i) => weights[i] * x)) / w;
      const variance = sum(values.map((x, i) => weights[i] * (x - mean) ** 2)) / (w - squares / w);
      close(found.mean, mean, 'mean', 1e-10);
      assert.ok(Math.abs((found.standardDeviation ?? Number.NaN) - Math.sqrt(variance)) <= 1e-6 * (1 + mean));
      close(found.standardError, ((found.standardDeviation ?? Number.NaN) * Math.sqrt(squares)) / w, 'standard error');
      const n = w ** 2 / squares;
      const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
      for (const { quantile, value } of found.quantiles) {
        const [start, end] = [(quantile * (n - 1)) / n, (quantile * (n - 1) + 1) / n];
        let [before, expected] = [0, 0];
        for (const i of order) {
          const share = weights[i] / w;
          expected += n * values[i] * Math.max(0, Math.min(end, before + share) - Math.max(start, before));
          before += share;
        }
        close(value, expected, `quantile ${quantile}`, 1e-8);
      }
    }),
  );
});

test('an infinite divergence is counted, makes the mean infinite and its errors null, and leaves the quantiles below it finite', () => {
  const { POSITIVE_INFINITY: infinity } = Number;
  const found = described([2, infinity, 1, 3], undefined, [0, 0.5, 2 / 3, 0.7, 1]);
  assert.deepEqual([found.count, found.infinite, found.mean], [4, 1, infinity]);
  assert.deepEqual([found.standardDeviation, found.standardError], [null, null]);
  assert.deepEqual([found.minimum, found.maximum], [1, infinity]);
  assert.deepEqual(
    found.quantiles.map(({ value }) => value),
    [1, 2.5, 3, infinity, infinity],
  );
  assert.deepEqual(found.largest[0], { at: 1, value: infinity });
  for (const { value } of described([infinity, infinity, 1], [1, 2, 3]).quantiles) assert.ok(!Number.isNaN(value));
  for (const { value } of described([infinity, infinity]).quantiles) assert.equal(value, infinity);
});

test('one divergence has no deviation and no error, and is each of its quantiles', () => {
  for (const weights of [undefined, [0.25]]) {
    const found = described([0.5], weights);
    assert.deepEqual([found.count, found.mean, found.standardDeviation, found.standardError], [1, 0.5, null, null]);
    for (const { value } of found.quantiles) assert.equal(value, 0.5);
  }
});

test('equal divergences have a deviation of 0', () => {
  const found = described([0.3, 0.3, 0.3], [1, 2, 3]);
  assert.deepEqual([found.standardDeviation, found.standardError], [0, 0]);
});

test('ten of the largest are named, of equals the first', () => {
  const found = described(Array.from({ length: 30 }, (_, d) => (d === 17 ? 2 : 1)));
  assert.deepEqual(
    found.largest.map(({ at }) => at),
    [17, 0, 1, 2, 3, 4, 5, 6, 7, 8],
  );
});

test('a share has the standard error √(s(1 - s)/(n - 1)), over the distributions that are read', () => {
  const flags = Uint8Array.of(1, 0, 1, 1, 0, 1);
  const { share, standardError } = shareOf(flags, undefined);
  close(share, 4 / 6, 'share');
  close(standardError, Math.sqrt(((4 / 6) * (2 / 6)) / 5), 'standard error');
  assert.deepEqual(shareOf(flags, Float64Array.of(1, 0, 1, 1, 0, 1)), { share: 1, standardError: 0 });
  assert.deepEqual(shareOf(Uint8Array.of(1), undefined), { share: 1, standardError: null });
});

test('true asks for the quantiles of llama.cpp, a list for its own, each once, and false for nothing', () => {
  assert.deepEqual(selectQuantiles(true), [0.001, 0.01, 0.05, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999]);
  assert.deepEqual(selectQuantiles([0.5, 0, 0.5]), [0.5, 0]);
  assert.equal(selectQuantiles(false), undefined);
  assert.equal(selectQuantiles(undefined), undefined);
});
