import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kindNames } from '../../src/core/kinds.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { ask, faultPlaces, faultsOf, numbersOf } from '../helper.ts';

const kernel = loadKernel();

// FIELD: three rows whose divergences mpmath gives with 60 digits
const rows = {
  input: [
    [2, 1, 0.1],
    [0, 0, 0],
    [0, 1, 2],
  ],
  target: [
    [1.5, 1.2, 0.2],
    [1, 0, 0],
    [2, 0.5, 0],
  ],
};

const all = { ...rows, reduction: 'all' };
const [first, second, third] = numbersOf(ask(all).results.per_distribution);
const number = (value: unknown) => numbersOf(value)[0];
const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-14 * Math.abs(expected), `${actual} is not ${expected}`);

test('weights multiply the divergences, and the averages divide by their sum, which divisors shows', () => {
  const { results, divisors } = ask({ ...all, weights: [0.5, 2, 1] });
  const sum = 0.5 * first + 2 * second + third;
  close(number(results.sum), sum);
  close(number(results.distribution_mean), sum / 3.5);
  close(number(results.mean), sum / (3.5 * 3));
  close(number(results.batchmean), sum / 3);
  assert.deepEqual(divisors, { sum: 1, mean: 10.5, batchmean: 3, distribution_mean: 3.5 });
  assert.deepEqual(numbersOf(results.per_distribution), [first, second, third]);
  assert.deepEqual(results.none, ask(all).results.none);
});

test('true and false are weights of 1 and 0', () => {
  assert.deepEqual(ask({ ...all, weights: [true, false, true] }), ask({ ...all, weights: [1, 0, 1] }));
});

test('a distribution of weight 0 is not read: null, NaN, infinities, texts and counts of 0 may stand there', () => {
  const kinds = { input_kind: 'counts', target_kind: 'counts' };
  const counts = {
    input: [
      [1, 2, 3],
      [4, 5, 6],
      [0, 0, 0],
    ],
    target: [
      [3, 2, 1],
      [4, 4, 4],
      [0, 0, 0],
    ],
  };
  const kept = ask({ ...kinds, input: counts.input.slice(0, 2), target: counts.target.slice(0, 2), reduction: 'all' });
  for (const odd of [null, 'NaN', 'Infinity', '-Infinity', -1, 1e300, 'masked', true, {}, 0]) {
    const input = [...counts.input.slice(0, 2), [odd, odd, 0]];
    const target = [...counts.target.slice(0, 2), [0, odd, odd]];
    for (const by of [undefined, kernel]) {
      const { results } = ask({ ...kinds, input, target, weights: [1, 1, 0], reduction: 'all' }, by);
      for (const name of ['sum', 'mean', 'distribution_mean']) close(number(results[name]), number(kept.results[name]));
      assert.deepEqual(numbersOf(results.per_distribution).slice(2), [Number.NaN]);
      assert.deepEqual(numbersOf(results.none).slice(6), [Number.NaN, Number.NaN, Number.NaN]);
      assert.deepEqual(numbersOf(results.none).slice(0, 6).every(Number.isFinite), true);
    }
  }
});

test('what stands in a distribution of weight 0 is told from what stands elsewhere, along any axes', () => {
  const nan = Number.NaN;
  const tensor = { shape: [2, 2, 2], data: [1, 'NaN', 2, 'NaN', 3, 'NaN', 4, 'NaN'] };
  const both = { input: tensor, target: tensor, reduction: 'per_distribution' };
  assert.deepEqual(numbersOf(ask({ ...both, dim: [0, 1], weights: [1, 0] }).results.per_distribution), [0, nan]);
  assert.deepEqual(
    numbersOf(
      ask({
        ...both,
        dim: 0,
        weights: [
          [1, 0],
          [1, 0],
        ],
      }).results.per_distribution,
    ),
    [0, nan, 0, nan],
  );
  assert.deepEqual(
    faultPlaces(() =>
      ask({
        ...both,
        dim: 0,
        weights: [
          [1, 0],
          [1, 1],
        ],
      }),
    ),
    ['input', 'target'].flatMap((name) => [3, 7].map((element) => `NAN_ELEMENT #/${name}/data/${element}`)),
  );
});

test('a list of another length or depth is refused whatever its weight: shapes are read', () => {
  assert.deepEqual(
    faultPlaces(() => ask({ input: [[1, 2], [1]], target: [[1, 2], null], weights: [1, 0] })),
    ['RAGGED_TENSOR #/input/1', 'RAGGED_TENSOR #/target/1'],
  );
});

test('nothing of a distribution of weight 0 makes a warning', () => {
  const infinite = {
    input: [
      [0.5, 0.5],
      [1, 0],
    ],
    target: [
      [0.25, 0.75],
      [0, 1],
    ],
    input_kind: 'probs',
    target_kind: 'probs',
  };
  const codes = (request: Record<string, unknown>) => ask(request).warnings.map(({ code }) => code);
  const options = { ...infinite, reduction: 'distribution_mean' };
  assert.deepEqual(codes(options), ['INFINITE_DIVERGENCE']);
  assert.deepEqual(codes({ ...options, weights: [1, 0] }), []);
  const offMass = {
    ...options,
    input: [
      [0.5, 0.5],
      [7, 7],
    ],
    target: [
      [0.5, 0.5],
      [-1, 0],
    ],
  };
  assert.deepEqual(codes({ ...offMass, weights: [1, 0] }), []);
  assert.deepEqual(codes({ input: [[0.5, 0.5]], target: [[0.2, 0.8]], weights: [0], reduction: 'sum' }), []);
});

test('padding and odd bytes are not suspected where the weight is 0', () => {
  const codes = (request: Record<string, unknown>) => ask({ ...request, reduction: 'distribution_mean' }).warnings.map(({ code }) => code);
  const row = [0.5, -1.25, 3.5];
  const padded = {
    input: [row, [-100, -100, -100]],
    target: [
      [0.25, 1.75, -2],
      [4, 4, 4],
    ],
  };
  assert.deepEqual(codes(padded), ['PADDING_SUSPECTED']);
  assert.deepEqual(codes({ ...padded, weights: [1, 0] }), []);
  const odd = { input: [row, ...Array(9).fill([1e200, 1e201, -1e202])], target: Array(10).fill(row) };
  assert.deepEqual(codes(odd), ['SUSPICIOUS_BYTES']);
  assert.deepEqual(codes({ ...odd, weights: [1, ...Array(9).fill(0)] }), []);
});

test('the value under another kind is that of the weights, and of no temperature', () => {
  const probs = {
    input: [
      [0.125, 0.875],
      [0.25, 0.75],
      [7, 'NaN'],
    ],
    target: [
      [0.375, 0.625],
      [0.5, 0.5],
      [1, 2],
    ],
    reduction: 'sum',
  };
  const weights = [2, 0.5, 0];
  const { warnings } = ask({ ...probs, weights, temperature: 2, input_kind: 'logits' });
  const looks = warnings.filter(({ code }) => code === 'KIND_MISMATCH');
  const expected = ask({ ...probs, weights, input_kind: 'probs', target_kind: 'probs' }).results.sum;
  for (const { details, message } of looks) {
    assert.deepEqual(details.value_if, { sum: expected });
    assert.match(message, /"probs", without temperature; then sum/);
  }
  assert.equal(looks.length, 2);
});

test('distributions are told to lie along another axis from those that are read', () => {
  const probs = [
    [0.25, 0.5],
    [0.75, 0.5],
    ['NaN', 9],
  ];
  const request = { input: probs, target: probs, input_kind: 'probs', target_kind: 'probs', reduction: 'sum' };
  const codes = ask({ ...request, weights: [1, 1, 0] }).warnings.map(({ code }) => code);
  assert.ok(codes.includes('NORMALIZED_ON_OTHER_DIM'), String(codes));
});

test('the warnings about mean and batchmean tell the divisors that weights make', () => {
  const warningsOf = (weights: unknown[]) => ask({ ...rows, weights, reduction: ['mean', 'batchmean'] }).warnings;
  const [mean, batchmean] = warningsOf([1, 1, 0]);
  assert.deepEqual([mean.code, mean.details.divisor], ['MEAN_DIVIDES_BY_SUPPORT', 6]);
  assert.match(mean.message, /divides by 6, the sum of the weights, 2, times the 3 outcomes/);
  assert.deepEqual([batchmean.code, batchmean.details.reason], ['BATCHMEAN_NOT_PER_DISTRIBUTION', 'weights']);
  assert.match(batchmean.message, /size\(0\) = 3, but the weights sum to 2/);
  assert.deepEqual(
    warningsOf([0.5, 2, 0.5]).map(({ code }) => code),
    ['MEAN_DIVIDES_BY_SUPPORT'],
  );
});

test('weights that are all 0 leave only sum and the tensors', () => {
  const zero = { ...rows, weights: [0, 0, 0] };
  for (const reduction of ['mean', 'batchmean', 'distribution_mean', 'all', ['sum', 'mean']]) {
    const [fault] = faultsOf(() => ask({ ...zero, reduction }));
    assert.deepEqual([fault.code, fault.pointer], ['ZERO_WEIGHT', '#/weights']);
  }
  assert.match(faultsOf(() => ask(zero))[0].detail, /mean, batchmean, distribution_mean could average: ask for sum/);
  const { results, divisors } = ask({ ...zero, reduction: ['sum', 'per_distribution', 'none'] });
  assert.deepEqual([number(results.sum), divisors], [0, { sum: 1 }]);
  assert.ok([...numbersOf(results.per_distribution), ...numbersOf(results.none)].every(Number.isNaN));
});

test('weights whose sum is so small that products with divergences lose their digits leave only sum and the tensors', () => {
  const small = [5e-324, 5e-324, 0];
  for (const reduction of ['mean', 'batchmean', 'distribution_mean', 'all']) {
    const [fault] = faultsOf(() => ask({ ...rows, weights: small, reduction }));
    assert.deepEqual([fault.code, fault.pointer], ['ZERO_WEIGHT', '#/weights']);
    assert.match(fault.detail, /the weights sum to 1e-323, which is below 1e-250.*Multiply all weights by one number/);
  }
  for (const weights of [small, [1e-322, 2e-322, 0]])
    assert.equal(faultsOf(() => ask({ ...rows, weights, reduction: 'sum', statistics: true }))[0].code, 'ZERO_WEIGHT');
  const { results } = ask({ ...rows, weights: small, reduction: ['sum', 'per_distribution'] });
  assert.deepEqual(numbersOf(results.per_distribution).slice(0, 2), [first, second]);
});

test('small weights beside larger ones, and sums from 1e-250 on, keep their means', () => {
  const meanOf = (weights: readonly number[]) =>
    number(ask({ ...rows, weights, reduction: 'distribution_mean' }).results.distribution_mean);
  close(meanOf([1e-250, 2e-250, 0]), (first + 2 * second) / 3);
  assert.equal(meanOf([1, 5e-324, 0]), first);
});

test('a weight that is none is pointed at, and said what it may be', () => {
  const places: Record<string, [unknown, string]> = {
    negative: [[1, -1, 1], 'NEGATIVE_MASS #/weights/1'],
    NaN: [[1, 1, 'NaN'], 'NAN_ELEMENT #/weights/2'],
    infinite: [['Infinity', 1, 1], 'INFINITE_ELEMENT #/weights/0'],
    'minus infinity': [['-Infinity', 1, 1], 'INFINITE_ELEMENT #/weights/0'],
    'too large': [[1, 1e300, 1], 'NUMBER_OVERFLOW #/weights/1'],
    null: [[1, 1, null], 'NOT_A_NUMBER #/weights/2'],
    'a text': [[1, 'yes', 1], 'NOT_A_NUMBER #/weights/1'],
    flat: [{ shape: [3], data: [1, 1, -1] }, 'NEGATIVE_MASS #/weights/data/2'],
    bytes: [{ shape: [3], base64: Buffer.from(Float64Array.of(1, -1, 1).buffer).toString('base64') }, 'NEGATIVE_MASS #/weights/base64'],
    'of another length': [[1, 1], 'SHAPE_MISMATCH #/weights'],
    'of another depth': [[[1], [1], [1]], 'SHAPE_MISMATCH #/weights'],
    'a single number': [1, 'SHAPE_MISMATCH #/weights'],
    nothing: [null, 'NOT_A_NUMBER #/weights'],
    empty: [[], 'EMPTY_TENSOR #/weights'],
  };
  for (const [what, [weights, place]] of Object.entries(places)) {
    assert.deepEqual(
      faultPlaces(() => ask({ ...rows, weights })),
      [place],
      what,
    );
  }
  assert.match(faultsOf(() => ask({ ...rows, weights: [1, -1, 1] }))[0].detail, /expected a weight, a number from 0 .* got -1/);
  assert.match(
    faultsOf(() => ask({ ...rows, weights: [1, 1] }))[0].detail,
    /weights has shape \[2\].*shape \[3, 3\], which is \[3\] without dim 1/,
  );
});

test('weights of the wrong shape are told of before elements that they should have covered', () => {
  const masked = {
    input: [
      [1, 2],
      [null, null],
    ],
    target: [
      [1, 2],
      ['NaN', 0],
    ],
  };
  assert.deepEqual(
    faultPlaces(() => ask({ ...masked, weights: [1, 0, 1] })),
    ['SHAPE_MISMATCH #/weights'],
  );
  assert.deepEqual(
    faultPlaces(() => ask({ ...masked, weights: [1, 0], dim: 5 })),
    ['DIM_OUT_OF_RANGE #/dim'],
  );
});

test('the weight of a single distribution is a number, or stands in one axis', () => {
  const one = { input: [1, 2], target: [2, 1], reduction: 'sum' };
  const expected = 3 * number(ask(one).results.sum);
  for (const weights of [3, [3], { shape: [], data: [3] }, { shape: [1], data: [3] }])
    close(number(ask({ ...one, weights }).results.sum), expected);
  assert.deepEqual(ask({ ...one, weights: true }).results, ask(one).results);
});

type Matrix = number[][];

/** A pair of matrices of one shape, and a weight for each of their rows. */
const weighted = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 2, max: 6 })).chain(([count, n]) => {
  const matrix = fc.array(fc.array(fc.double({ min: 0.001, max: 40, noNaN: true }), { minLength: n, maxLength: n }), {
    minLength: count,
    maxLength: count,
  });
  const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
  return fc.tuple(matrix, matrix, fc.array(weight, { minLength: count, maxLength: count }), fc.constantFrom(...kindNames));
});

const kindsOf = (kind: string) => ({ input_kind: kind, target_kind: kind, reduction: 'all' });

for (const [way, by] of Object.entries({ 'the definition': undefined, 'the kernel': kernel })) {
  test(`weights of 1 change nothing, bit for bit: ${way}`, () => {
    fc.assert(
      fc.property(weighted, ([input, target, weights, kind]) => {
        const request = { input, target, ...kindsOf(kind) };
        const plain = ask(request, by);
        assert.deepEqual(ask({ ...request, weights: weights.map(() => 1) }, by), plain);
        assert.deepEqual(ask({ ...request, weights: weights.map(() => true) }, by), plain);
      }),
    );
  });

  test(`a weight of 0 equals leaving the row out, whatever stands in it: ${way}`, () => {
    const odd = fc.constantFrom(null, 'NaN', '-Infinity', 'Infinity', -3, 0, 1e299);
    fc.assert(
      fc.property(weighted, odd, ([input, target, weights, kind], instead) => {
        fc.pre(weights.some((weight) => weight > 0));
        const kept = <T>(list: readonly T[]) => list.filter((_, row) => weights[row] > 0);
        const hidden = (matrix: Matrix) => matrix.map((row, at) => (weights[at] === 0 ? row.map(() => instead) : row));
        const actual = ask({ input: hidden(input), target: hidden(target), weights, ...kindsOf(kind) }, by);
        const expected = ask({ input: kept(input), target: kept(target), weights: kept(weights), ...kindsOf(kind) }, by);
        for (const name of ['sum', 'mean', 'distribution_mean']) assert.deepEqual(actual.results[name], expected.results[name], name);
        const divergences = numbersOf(actual.results.per_distribution);
        assert.deepEqual(kept(divergences), numbersOf(expected.results.per_distribution));
        assert.ok(divergences.every((value, row) => Number.isNaN(value) === (weights[row] === 0)));
        const codes = (answered: typeof actual) =>
          answered.warnings.map(({ code }) => code).filter((code) => code !== 'BATCHMEAN_NOT_PER_DISTRIBUTION');
        assert.deepEqual(codes(actual), codes(expected));
      }),
    );
  });

  test(`scaling all weights scales sum and leaves the means: ${way}`, () => {
    fc.assert(
      fc.property(weighted, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), ([input, target, weights, kind], factor) => {
        fc.pre(weights.some((weight) => weight > 0));
        const request = { input, target, ...kindsOf(kind) };
        const before = ask({ ...request, weights }, by).results;
        const after = ask({ ...request, weights: weights.map((weight) => weight * factor) }, by).results;
        const size = weights.reduce(
          (sum, weight, row) => sum + (weight === 0 ? 0 : weight * Math.abs(numbersOf(before.per_distribution)[row])),
          0,
        );
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const near = (actual: unknown, expected: number, scale: number) =>
          assert.ok(
            number(actual) === expected || Math.abs(number(actual) - expected) <= 1e-12 * scale,
            `${number(actual)} is not ${expected}`,
          );
        near(after.sum, factor * number(before.sum), factor * size);
        near(after.distribution_mean, number(before.distribution_mean), size / total);
        near(after.mean, number(before.mean), size / total);
      }),
    );
  });
}
