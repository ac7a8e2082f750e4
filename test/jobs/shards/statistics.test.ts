import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quantilesOf } from '../../../src/core/statistics/quantiles.ts';
import { binnedQuantiles, describe, emptyDescription, quantileError } from '../../../src/jobs/shards/description.ts';
import { answerOfJob, answerOfRequest, held } from './helper.ts';
import { pairOf } from './pairs.ts';

type Described = {
  count: number;
  infinite: number;
  mean: number;
  minimum: number;
  maximum: number;
  largest: unknown;
  standard_deviation: number;
  standard_error: number;
  top_1_agreement: { share: number; standard_error: number };
  quantiles: { quantile: number; value: number }[];
  quantile_error?: number;
};

const isNear = (value: number, expected: number, error: number) => Math.abs(value - expected) <= error * Math.abs(expected);

for (const isWeighted of [false, true]) {
  test(`statistics of divergences that are not kept are those of the request, but for quantiles: ${isWeighted ? '' : 'un'}weighted`, async () => {
    const pair = pairOf({ seed: 8, rows: 3000, outcomes: 12, dtype: 'float32', odd: 0 }, 'logits', isWeighted);
    const of = async (shards: number) => {
      const answer = await answerOfJob([pair], { statistics: true }, { shards, keepsRows: false });
      return (answer as { statistics: Described }).statistics;
    };
    const expected = (answerOfRequest(pair, { statistics: true }) as { statistics: Described }).statistics;
    const found = await of(1);
    for (const name of ['count', 'infinite', 'mean', 'minimum', 'maximum', 'largest'] as const)
      assert.deepEqual(found[name], expected[name]);
    for (const name of ['standard_deviation', 'standard_error'] as const) assert.ok(isNear(found[name], expected[name], 1e-13), name);
    assert.equal(found.top_1_agreement.share, expected.top_1_agreement.share);
    assert.ok(isNear(found.top_1_agreement.standard_error, expected.top_1_agreement.standard_error, 1e-13));
    for (const [index, { quantile, value }] of expected.quantiles.entries()) {
      assert.equal(found.quantiles[index].quantile, quantile);
      assert.ok(isNear(found.quantiles[index].value, value, quantileError), `${quantile}: ${found.quantiles[index].value} for ${value}`);
    }
    assert.equal(found.quantile_error, quantileError);
    for (const shards of [7, 64, 1000]) assert.deepEqual(await of(shards), found);
  });
}

test('statistics of divergences that are not kept do not change when all weights are multiplied by a power of two', async () => {
  const pair = pairOf({ seed: 8, rows: 50, outcomes: 12, dtype: 'float32', odd: 0 }, 'logits', false);
  const weights = Float64Array.from({ length: 50 }, (_, row) => 1 + (row % 7) / 4);
  const of = async (factor: number) => {
    const scaled = held(
      [50],
      weights.map((weight) => weight * factor),
    );
    const answer = await answerOfJob([{ ...pair, weights: scaled }], { statistics: true }, { keepsRows: false });
    return (answer as { statistics: Described }).statistics;
  };
  const expected = await of(1);
  for (const factor of [2 ** -800, 2 ** 850]) assert.deepEqual(await of(factor), expected);
});

test('several divergences have their statistics each, and the agreement in common', async () => {
  const pair = pairOf({ seed: 8, rows: 50, outcomes: 12, dtype: 'float32', odd: 0.1 }, 'counts', false);
  const options = { input_kind: 'counts', target_kind: 'counts', divergences: ['jeffreys', 'hellinger'], statistics: [0.5] };
  type Several = { divergences: Record<string, { statistics: Described }>; statistics: object };
  const found = (await answerOfJob([pair], options, { keepsRows: false })) as Several;
  const expected = answerOfRequest(pair, options) as Several;
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  for (const key of options.divergences) {
    assert.equal(found.divergences[key].statistics.mean, expected.divergences[key].statistics.mean);
    assert.deepEqual(found.divergences[key].statistics.largest, expected.divergences[key].statistics.largest);
  }
  assert.deepEqual(Object.keys(found.statistics), ['top_1_agreement']);
});

test('a quantile of bins is within 2⁻⁸ of the quantile of the numbers, of any sign and size', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-300, max: 1e300 }),
    fc.constantFrom(0, 1, 0.005, -1e-9, -3),
  );
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 8 }), (values, eighths) => {
      const description = emptyDescription();
      for (const [at, value] of values.entries()) describe(description, at, value, undefined);
      const sorted = Float64Array.from(values).sort();
      // where a quantile is one of the numbers
      const quantile = values.length === 1 ? 1 : Math.round((eighths / 8) * (values.length - 1)) / (values.length - 1);
      const exact = quantilesOf(sorted)(quantile);
      const binned = binnedQuantiles(description, values.length, 1)(quantile);
      const [below, above] = [sorted.findLast((value) => value <= exact) ?? exact, sorted.find((value) => value >= exact) ?? exact];
      const error = Math.max(Math.abs(below), Math.abs(above)) * quantileError * 1.01;
      assert.ok(Math.abs(binned - exact) <= error + 1e-12 * Math.abs(sorted[sorted.length - 1]), `${binned} for ${exact}`);
    }),
  );
});

test('infinite divergences are counted, and leave the quantiles below them finite', async () => {
  const description = emptyDescription();
  for (const [at, value] of [1, 2, Number.POSITIVE_INFINITY, 3].entries()) describe(description, at, value, undefined);
  assert.equal(description.infinite, 1);
  assert.equal(binnedQuantiles(description, 4, 1)(1), Number.POSITIVE_INFINITY);
  assert.ok(isNear(binnedQuantiles(description, 4, 1)(0), 1, quantileError));
});
