import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeFamily } from '../../../src/core/divergences/compute-family.ts';
import { type NamedDivergence, parseDivergence } from '../../../src/core/divergences/named-divergence.ts';
import type { Base } from '../../../src/core/log-base.ts';
import { testHomogeneity } from '../../../src/core/sampling/homogeneity.ts';
import { bootstrapIntervals } from '../../../src/core/sampling/interval.ts';
import { drawCounts, seededRandom } from '../../../src/core/sampling/random.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { cases } from '../../cases.ts';

const asked = ['kl', 'jensen_shannon', 'jensen_shannon_distance', 'total_variation'].map((key) => parseDivergence(key) as NamedDivergence);

function divergencesOf(input: ArrayLike<number>, target: ArrayLike<number>, of = asked, base: Base = 'e'): number[] {
  const shape = [input.length];
  const operand = (data: ArrayLike<number>) => ({ kind: 'counts', tensor: { shape, data: Float64Array.from(data) } }) as const;
  const comparison = { input: operand(input), target: operand(target), axes: distributionAxes(shape, 0), temperature: 1, pseudocount: 0 };
  return computeFamily(comparison, { base, asked: of, wantsTerms: false }).members.map(({ sum }) => sum);
}

function intervalsOf(
  input: ArrayLike<number>,
  target: ArrayLike<number>,
  { confidence = 0.95, seeds = [1, 0], of = asked, base = 'e' as Base } = {},
) {
  const counts = { input, target };
  const options = { confidence, seeds, asked: of, base, pseudocount: 0 } as const;
  return bootstrapIntervals(counts, testHomogeneity(counts), divergencesOf(input, target, of, base), options);
}

const input = [310, 290, 240, 160];
const target = [250, 250, 250, 250];

test('the same seed gives the same interval, another one another', () => {
  assert.deepEqual(intervalsOf(input, target), intervalsOf(input, target));
  assert.notDeepEqual(intervalsOf(input, target), intervalsOf(input, target, { seeds: [2, 0] }));
});

test('the interval of one divergence does not depend on which others are asked for', () => {
  assert.deepEqual(intervalsOf(input, target, { of: asked.slice(0, 1) }), intervalsOf(input, target).slice(0, 1));
});

test('more confidence makes a wider interval', () => {
  const [narrow, wide] = [0.5, 0.99].map((confidence) => intervalsOf(input, target, { confidence }));
  for (const [index, { lower, upper }] of narrow.entries()) assert.ok(wide[index].lower < lower && wide[index].upper > upper);
});

test('the interval of a distance is the root of that of its square', () => {
  const [, { lower, upper }, ofDistance] = intervalsOf(input, target);
  assert.ok(Math.abs(ofDistance.lower ** 2 - lower) < 1e-12 && Math.abs(ofDistance.upper ** 2 - upper) < 1e-12);
});

test('equal counts have an interval that starts at 0', () => {
  for (const { lower, upper } of intervalsOf(target, target)) assert.ok(lower === 0 && upper >= 0);
});

for (const base of ['e', 2] as const) {
  test(`an interval holds nothing that its divergence cannot be, in base ${base}: sides that hardly meet`, () => {
    const keys = ['jensen_shannon', 'jensen_shannon:0.1', 'jensen_shannon_distance', 'hellinger', 'total_variation'];
    const of = keys.map((key) => parseDivergence(key) as NamedDivergence);
    const unit = base === 'e' ? 1 : Math.LN2;
    const entropy = -(0.1 * Math.log(0.1) + 0.9 * Math.log(0.9));
    const highest = [Math.LN2 / unit, entropy / unit, Math.sqrt(Math.LN2 / unit), 1, 1];
    for (const [counts, other] of [
      [
        [97, 3],
        [2, 98],
      ],
      [
        [0, 50],
        [50, 0],
      ],
    ]) {
      const intervals = intervalsOf(counts, other, { of, base, confidence: 0.999 });
      for (const [index, { lower, upper }] of intervals.entries()) {
        assert.ok(lower >= 0 && lower <= upper && upper <= highest[index] + 1e-15, `${keys[index]}: ${lower} to ${upper}`);
      }
    }
  });
}

test('there is no interval where drawing anew makes the divergence infinite too often', () => {
  const [kl, jensenShannon] = intervalsOf([2, 500], [100, 100]);
  assert.deepEqual(kl, { lower: Number.NaN, upper: Number.NaN });
  assert.ok(jensenShannon.lower > 0);
  assert.deepEqual(intervalsOf([0, 500], [100, 100])[0], { lower: Number.NaN, upper: Number.NaN });
});

test('a drawing that is called off ends at once', () => {
  const stop = new Error('called off');
  const counts = { input, target };
  const check = () => {
    throw stop;
  };
  const options = { confidence: 0.95, seeds: [1], asked, base: 'e', pseudocount: 0, check } as const;
  assert.throws(() => bootstrapIntervals(counts, testHomogeneity(counts), divergencesOf(input, target), options), stop);
});

const references = {
  ten: [0.2, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05, 0.04, 0.04, 0.02],
  three: [0.5, 0.3, 0.2],
  two: [0.6, 0.4],
};

for (const [outcomes, reference] of Object.entries(references)) {
  for (const shift of [0, 0.1, 0.3, 1]) {
    test(`19 of 20 intervals hold the divergence that samples of ${outcomes} outcomes came from, shifted by ${shift}: between 90 and 100 % of many`, (t) => {
      const repetitions = cases(t, 200, 40);
      const random = seededRandom(41);
      const shifted = reference.map((share, k) => share * Math.exp(shift * ((k % 3) - 1)));
      const total = shifted.reduce((a, b) => a + b);
      const truth = divergencesOf(
        shifted.map((share) => share / total),
        reference,
      );
      const held = asked.map(() => 0);
      const drawn = { input: new Float64Array(reference.length), target: new Float64Array(reference.length) };
      for (let run = 0; run < repetitions; run++) {
        drawCounts(random, 2000, shifted, drawn.input);
        drawCounts(random, 2000, reference, drawn.target);
        for (const [index, { lower, upper }] of intervalsOf(drawn.input, drawn.target, { seeds: [run] }).entries()) {
          if (lower <= truth[index] + 1e-12 && truth[index] <= upper + 1e-12) held[index]++;
        }
      }
      for (const [index, count] of held.entries()) assert.ok(count >= 0.9 * repetitions, `${asked[index].key}: ${count}`);
    });
  }
}
