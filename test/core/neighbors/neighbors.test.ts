import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { neighborTextbook } from '../../../src/core/explain/neighbor-textbook.ts';
import type { Points } from '../../../src/core/neighbors/k-d-tree.ts';
import { neighborEstimates, type PointsComparison } from '../../../src/core/neighbors/neighbor-estimates.ts';
import { seededRandom } from '../../../src/core/sampling/random.ts';
import { attempt } from '../../../src/errors/fault-list.ts';
import { RequestError } from '../../../src/errors/request-error.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { cases } from '../../cases.ts';
import golden from '../../golden/neighbours.json' with { type: 'json' };
import { faultPlaces, faultsOf } from '../../helper.ts';

const pointsOf = (coordinates: number, data: readonly number[]): Points => ({
  count: data.length / coordinates,
  coordinates,
  data: Float64Array.from(data),
  pointerTo: (at) => `#/target/${at}`,
});

function comparisonOf(input: Points, target: Points, k: number): PointsComparison {
  return { points: { input: [input], target: [target] }, k, axes: distributionAxes([input.coordinates], -1) };
}

const estimate = (comparison: PointsComparison) =>
  neighborEstimates(comparison, ['kl', 'reverse_kl', 'jeffreys'], { base: 'e' }).map(({ sum }) => sum);

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);
}

for (const { k, input, target, kl, reverse_kl } of golden.estimates) {
  test(`estimates from neighbour ${k} in ${input[0].length} dimensions are those of SciPy's tree`, () => {
    const comparison = comparisonOf(pointsOf(input[0].length, input.flat()), pointsOf(target[0].length, target.flat()), k);
    const [forward, backward, both] = estimate(comparison);
    near(forward, kl, 1e-12);
    near(backward, reverse_kl, 1e-12);
    near(both, kl + reverse_kl, 1e-12);
  });
}

test('four points against five on a line have the estimate that Wang, Kulkarni and Verdú have for them', () => {
  const target = pointsOf(1, [0, 1, 3, 4.5]);
  const input = pointsOf(1, [-1, 0.4, 2, 5, 9]);
  // distances to the nearest: 1, 1, 1.5, 1.5 among target, 0.4, 0.6, 1, 0.5 in input
  near(estimate(comparisonOf(input, target, 1))[0], -0.22197281433811428, 1e-15);
});

const coordinate = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1e9, max: 1e9, noNaN: true }));

test('the tree finds the neighbours that a comparison of all points finds, in any dimension', () => {
  const cases = fc
    .record({ d: fc.integer({ min: 1, max: 4 }), n: fc.integer({ min: 7, max: 90 }), m: fc.integer({ min: 6, max: 90 }) })
    .chain(({ d, n, m }) => {
      const side = (count: number) =>
        fc.uniqueArray(coordinate, { minLength: count * d, maxLength: count * d, comparator: 'IsStrictlyEqual' });
      return fc.record({ d: fc.constant(d), input: side(m), target: side(n), k: fc.integer({ min: 1, max: 6 }) });
    });
  fc.assert(
    fc.property(cases, ({ d, input, target, k }) => {
      // a step of its own for each number, so that no two points are the same
      const [q, p] = [input.map((x, i) => x + (i + 0.5) / 1000), target.map((x, i) => x + i / 1000)];
      const comparison = comparisonOf(pointsOf(d, q), pointsOf(d, p), k);
      const found = attempt(() => neighborEstimates(comparison, ['kl'], { base: 'e' })[0].sum);
      const byHand = neighborTextbook(comparison, 'e').sum;
      if (found instanceof RequestError) assert.ok(!Number.isFinite(byHand));
      else near(found, byHand, 1e-9);
    }),
  );
});

test('reverse KL is KL of the sides exchanged, and Jeffreys is the sum of both', () => {
  const random = seededRandom(1);
  const draw = (count: number) =>
    pointsOf(
      2,
      Array.from({ length: 2 * count }, () => random()),
    );
  const [input, target] = [draw(40), draw(30)];
  const [kl, reverse, jeffreys] = estimate(comparisonOf(input, target, 3));
  assert.equal(reverse, estimate(comparisonOf(target, input, 3))[0]);
  assert.equal(jeffreys, kl + reverse);
});

test('one factor for all coordinates and one shift change nothing, however large and small the numbers are', () => {
  const random = seededRandom(2);
  const numbers = (count: number) => Array.from({ length: 2 * count }, () => random());
  const [input, target] = [numbers(50), numbers(60)];
  const of = (change: (x: number) => number) =>
    estimate(comparisonOf(pointsOf(2, input.map(change)), pointsOf(2, target.map(change)), 4))[0];
  const expected = of((x) => x);
  for (const factor of [2 ** 800, 2 ** -800])
    near(
      of((x) => factor * x),
      expected,
      1e-12,
    );
  near(
    of((x) => x + 1000),
    expected,
    1e-9,
  );
});

const few = { target: [0.1, 0.7, 1.5, 2.2, 3.9, 4], input: [0.3, 1.1, 2, 3.3, 5, 6.5] };

/** A comparison of the few points, each changed, beside others, by their second neighbours. */
function fewPoints(change: (x: number) => number, beside: { readonly target?: number[]; readonly input?: number[] } = {}) {
  const side = (name: 'input' | 'target') => pointsOf(1, [...few[name].map(change), ...(beside[name] ?? [])]);
  return comparisonOf(side('input'), side('target'), 2);
}

test('subnormal points, and points beside one that is far away, have the estimate of the formula', () => {
  const same = (x: number) => x;
  const comparisons = {
    subnormal: fewPoints((x) => x * 1e-310),
    'one of 1e200 among numbers near 1': fewPoints(same, { target: [1e200] }),
    'some of 1e270 on both sides': fewPoints(same, { target: [1e270, 3e269], input: [2e269, 9e269, -1e270] }),
    'distances of 1e-10 beside one of 1e200': fewPoints((x) => 1 + 1e-10 * x, { input: [1e200] }),
  };
  for (const [title, comparison] of Object.entries(comparisons)) {
    const [[kl], expected] = [estimate(comparison), neighborTextbook(comparison, 'e').sum];
    assert.ok(Math.abs(kl - expected) <= 1e-12, `${title}: ${kl}, not ${expected}`);
  }
});

test('points that are too near to be told apart beside a far one are refused, and are not said to repeat', () => {
  const refusals = (comparison: PointsComparison) => faultsOf(() => neighborEstimates(comparison, ['kl'], { base: 'e' }));
  const tooNear = refusals(fewPoints((x) => 1e-100 * x, { target: [1e270] }));
  assert.deepEqual(
    tooNear.map(({ code, pointer }) => `${code} ${pointer}`),
    few.target.map((_, at) => `INVALID_VALUE #/target/${at}`),
  );
  assert.match(tooNear[0].detail, /^observation \[0\] of target is too near to its neighbour 2 among other observations to be measured/);
  const repeated = refusals(comparisonOf(pointsOf(1, [...few.input, 1e270]), pointsOf(1, [1e-100, 1, 1, 1, 5]), 2));
  assert.deepEqual(
    repeated.map(({ code, pointer }) => `${code} ${pointer}`),
    [1, 2, 3].map((at) => `REPEATED_OBSERVATIONS #/target/${at}`),
  );
});

/** Normal numbers by Box and Muller. */
function normals(random: () => number, count: number, mean: number): number[] {
  return Array.from({ length: count }, () => mean + Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

for (const { coordinates, shift, n, k, exact, mean, deviation } of golden.scatter.filter(({ n }) => n < 10_000)) {
  test(`of ${n} normal points a side in ${coordinates} dimensions, ${shift} apart in each, estimates of ${exact} have the bias and the scatter of SciPy's`, (t) => {
    const random = seededRandom(n, coordinates);
    const estimates = Array.from({ length: cases(t, 60, 20) }, () => {
      const input = pointsOf(coordinates, normals(random, n * coordinates, 0));
      const target = pointsOf(coordinates, normals(random, n * coordinates, shift));
      return neighborEstimates(comparisonOf(input, target, k), ['kl'], { base: 'e' })[0].sum;
    });
    const average = estimates.reduce((sum, value) => sum + value, 0) / estimates.length;
    const variance = estimates.reduce((sum, value) => sum + (value - average) ** 2, 0) / (estimates.length - 1);
    near(average, mean, (4 * deviation) / Math.sqrt(estimates.length));
    near(Math.sqrt(variance) / deviation, 1, 0.4);
  });
}

test('a point that k others of its side, or k of the other side, equal is refused where it stands', () => {
  const target = pointsOf(1, [0, 1, 1, 1, 2]);
  const input = pointsOf(1, [0, 0, 5, 6, 7]);
  assert.deepEqual(
    faultPlaces(() => estimate(comparisonOf(input, target, 2))),
    [
      'REPEATED_OBSERVATIONS #/target/0',
      'REPEATED_OBSERVATIONS #/target/1',
      'REPEATED_OBSERVATIONS #/target/2',
      'REPEATED_OBSERVATIONS #/target/3',
    ],
  );
  assert.ok(Number.isFinite(estimate(comparisonOf(input, target, 3))[0]));
});

test('a hundred thousand points on a line, in order, are found in a tree of even depth', () => {
  const line = (offset: number) =>
    pointsOf(
      1,
      Array.from({ length: 100_000 }, (_, i) => i + offset),
    );
  near(neighborEstimates(comparisonOf(line(0.25), line(0), 1), ['kl'], { base: 2 })[0].sum, -2, 1e-4);
});
