import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInference } from '../../src/formats/inference/read-request.ts';
import { solve } from '../../src/tasks/solve.ts';
import { type WarningCode, warningCodes } from '../../src/warnings/warnings.ts';
import { ask, askFamily } from '../helper.ts';

type Request = Record<string, unknown>;

const probs = { input_kind: 'probs', target_kind: 'probs', reduction: 'sum' };
const halves = [
  [0.5, 0.5],
  [0.5, 0.5],
];
const logits = [
  [1, 2, 3],
  [3, 1, 2],
];

const estimates = {
  input_kind: 'sampled_log_probs',
  target_kind: 'sampled_log_probs',
  sampled_from: 'target',
  reduction: 'distribution_mean',
};

const counts = { input_kind: 'counts', target_kind: 'counts', reduction: 'sum' };
const samples = { input_kind: 'samples', target_kind: 'samples', reduction: 'sum' };
const lists = { input: { outcomes: ['a', 'b'], values: [0.5, 0.5] }, target: { outcomes: ['b', 'c'], values: [0.5, 0.5] } };
const thirds = [1 / 3, 1 / 3, 1 / 3];

/** The base64 of numbers, in the other byte order where `swap` is their size. */
function bytesOf({ buffer }: ArrayBufferView<ArrayBuffer>, swap?: 4 | 8): string {
  const bytes = Buffer.from(buffer);
  return (swap === 4 ? bytes.swap32() : swap === 8 ? bytes.swap64() : bytes).toString('base64');
}

/** For each code a request that raises it, and one that comes close and does not. */
const cases: Record<Exclude<WarningCode, 'IGNORED_PARAMETER'>, { raises: Request[]; comesClose: Request[] }> = {
  MEAN_DIVIDES_BY_SUPPORT: {
    raises: [
      { input: logits, target: logits, reduction: 'mean' },
      { input: [1, 2], target: [2, 1] },
    ],
    comesClose: [
      { input: [[1], [2]], target: [[2], [1]], reduction: 'mean' },
      { input: logits, target: logits, reduction: ['sum', 'batchmean', 'distribution_mean'] },
    ],
  },
  BATCHMEAN_NOT_PER_DISTRIBUTION: {
    raises: [
      { input: logits, target: logits, dim: 0, reduction: 'batchmean' },
      { input: [1, 2], target: [2, 1], reduction: 'batchmean' },
      { input: [logits], target: [logits], reduction: 'batchmean' },
    ],
    comesClose: [
      { input: logits, target: logits, reduction: 'batchmean' },
      // dim 0 of a square: as many outcomes as distributions
      { input: halves, target: halves, dim: 0, reduction: 'batchmean' },
      { input: logits, target: logits, dim: 0, reduction: 'distribution_mean' },
      { input: [logits], target: [logits], dim: [1, 2], reduction: 'batchmean' },
    ],
  },
  SINGLE_OUTCOME: {
    raises: [
      { input: [[1], [2]], target: [[2], [1]], reduction: 'sum' },
      { ...samples, input: [1, 2], target: [3], bins: 1 },
    ],
    comesClose: [
      { input: [[1], [2]], target: [[2], [1]], dim: [0, 1], reduction: 'sum' },
      { ...samples, input: [1, 2], target: [3], bins: 2 },
      { ...samples, input: [1], target: [1], bins: 1, missing: 'category' },
    ],
  },
  NEGATIVE_TERMS: {
    raises: [{ ...probs, input: [0.5, 0.5], target: [0.4, 0.6], reduction: 'none' }],
    comesClose: [
      { ...probs, input: [0.5, 0.5], target: [0.4, 0.6], reduction: 'per_distribution' },
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.5], reduction: 'none' },
      // the total is negative too, which is another warning
      { ...probs, input: [0.5, 0.5], target: [0.2, 0.2], reduction: 'none' },
    ],
  },
  NOT_NORMALIZED: {
    raises: [
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.5 + 1.1e-6] },
      { input: [-1, -1], target: [1, 2], input_kind: 'log_probs', reduction: 'sum' },
      { ...probs, input: [0, 0], target: [0.5, 0.5] },
    ],
    comesClose: [
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.5 + 0.9e-6] },
      { input: [Math.log(0.5), Math.log(0.5)], target: [1, 2], input_kind: 'log_probs', reduction: 'sum' },
      { input: [3, 4], target: [5, 6], input_kind: 'counts', target_kind: 'counts', reduction: 'sum' },
    ],
  },
  NORMALIZED_ON_OTHER_DIM: {
    raises: [
      {
        ...probs,
        input: [
          [0.9, 0.2],
          [0.1, 0.8],
        ],
        target: halves,
      },
    ],
    comesClose: [
      {
        ...probs,
        input: [
          [0.9, 0.2],
          [0.1, 0.8],
        ],
        target: halves,
        dim: 0,
      },
      {
        ...probs,
        input: [
          [0.9, 0.2],
          [0.2, 0.8],
        ],
        target: halves,
      },
      // along an axis of size 1 every mass of 1 is a sum of 1
      { ...probs, input: [[1, 1, 1]], target: [[1, 1, 1]] },
      // normalised along both axes that are not dim, one by one
      { ...probs, input: [halves, halves], target: [halves, halves], dim: [0, 1] },
    ],
  },
  KIND_MISMATCH: {
    raises: [
      {
        input: [
          [0.2, 0.8],
          [0.5, 0.5],
        ],
        target: logits.map((row) => row.slice(1)),
        reduction: 'sum',
      },
      { input: [[0.2, 0.8]], target: [[0.5, 0.5]], input_kind: 'log_probs', target_kind: 'probs', reduction: 'sum' },
      // rounded to two decimals
      { input: [[0.33, 0.33, 0.33]], target: [[0.81, 0.09, 0.09]], reduction: 'sum' },
      // percentages
      { input: [[20, 30.5, 49.5]], target: [[10, 80, 10]], reduction: 'sum' },
      // counts
      { input: [[790, 120, 30]], target: [[500, 95, 400]], reduction: 'sum' },
      // along another axis
      {
        input: [
          [
            [0.1, 0.25],
            [0.9, 0.75],
          ],
        ],
        target: [
          [
            [0.6, 0.3],
            [0.4, 0.7],
          ],
        ],
        reduction: 'sum',
      },
      // with a row of padding
      {
        input: [
          [0.1, 0.2, 0.7],
          [0, 0, 0],
        ],
        target: [
          [0.5, 0.2, 0.3],
          [0, 0, 0],
        ],
        reduction: 'sum',
      },
      // float32 softmax output: off by rounding
      { input: [Math.fround(0.1), Math.fround(0.2), Math.fround(0.7)], target: [1, 2, 3], reduction: 'sum' },
    ],
    comesClose: [
      {
        input: [
          [0.2, 0.8],
          [0.5, 0.51],
        ],
        target: [
          [1, 2],
          [3, 4],
        ],
        reduction: 'sum',
      },
      { input: [[-0.1, 1.1]], target: [[1, 2]], reduction: 'sum' },
      { input: [[0.33, 0.33, 0.31]], target: [[0.81, 0.09, 0.05]], reduction: 'sum' },
      // small whole logits, and large ones with a fraction or a sign
      { input: [[3, 1, 2]], target: [[1, 2, 3]], reduction: 'sum' },
      { input: [[100, 20.5, 3]], target: [[100, -20, 3]], reduction: 'sum' },
      { input: [[18, 0, 3]], target: [[19, 2, 3]], reduction: 'sum' },
      { input: [[0.2, 0.8]], target: [[0.5, 0.5]], ...probs },
      { input: [[0.2, 0.8]], target: [[0.5, 0.5]], input_kind: 'counts', target_kind: 'counts', reduction: 'sum' },
      { input: [[1], [1]], target: [[2], [3]], reduction: 'sum' },
    ],
  },
  SUSPICIOUS_BYTES: {
    raises: [
      // int64 read as float64; float64 of the other byte order
      { input: { shape: [1, 3], base64: bytesOf(new BigInt64Array([10n, 20n, 30n])) }, target: [[1, 2, 3]], reduction: 'sum' },
      { ...counts, input: { shape: [3], base64: bytesOf(new Float64Array([10, 20, 30]), 8) }, target: [1, 2, 3] },
      { ...counts, input: { shape: [4], dtype: 'float32', base64: bytesOf(new Float32Array([10, 20, 30, 50]), 4) }, target: [1, 2, 3, 4] },
      { input: { shape: [4], base64: bytesOf(new Float64Array([1e101, 3e120, -1e200, 1])) }, target: [1, 2, 3, 4], reduction: 'sum' },
    ],
    comesClose: [
      { ...counts, input: { shape: [3], base64: bytesOf(new Float64Array([10, 20, 30])) }, target: [1, 2, 3] },
      // masks
      { input: [1, -3.4e38, -3.4e38, -3.4e38], target: [1, '-Infinity', -Number.MAX_VALUE, -Number.MAX_VALUE], reduction: 'sum' },
      { ...probs, input: [1, 1e-310, 0, 0], target: [0.5, 0.5, 0, 0] },
      { input: [1e99, 1e98], target: [1, 2], reduction: 'sum' },
    ],
  },
  PADDING_SUSPECTED: {
    raises: [
      { input: [...logits, [0, 0, 0]], target: [...logits, [0, 0, 0]], reduction: 'sum' },
      { input: [...logits, [-100, -100, -100]], target: [...logits, [1, 2, 3]], reduction: 'sum' },
      { ...probs, input: [[0.5, 0.25, 0.25], thirds], target: [[0.25, 0.5, 0.25], thirds] },
    ],
    comesClose: [
      { input: [[0, 0, 0]], target: [[0, 0, 0]], reduction: 'sum' },
      { input: [...logits, [0, 0, 0]], target: [...logits, [0, 0, 1]], reduction: 'sum' },
      { input: [...logits, [-100, 1, -100]], target: [...logits, [1, 2, 3]], reduction: 'sum' },
      // a fair coin
      {
        ...probs,
        input: [
          [0.5, 0.5],
          [0.3, 0.7],
        ],
        target: [
          [0.5, 0.5],
          [0.4, 0.6],
        ],
      },
    ],
  },
  MASS_DIFFERENCE: {
    raises: [
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.5 + 1e-9] },
      { ...probs, input: [0.5, 0.5 + 1e-9], target: [0.5, 0.5] },
      { input: [-1e-8, '-Infinity'], target: [0, '-Infinity'], input_kind: 'log_probs', target_kind: 'log_probs', reduction: 'sum' },
      // one of two distributions, in the answer as a number of its own
      {
        ...probs,
        input: [
          [0.5, 0.5],
          [0.3, 0.7],
        ],
        target: [
          [0.5, 0.5 + 1e-9],
          [0.4, 0.6],
        ],
        reduction: 'per_distribution',
      },
    ],
    comesClose: [
      { ...probs, input: [0.5, 0.5], target: [0.501, 0.499 + 1e-9] },
      {
        ...probs,
        input: [
          [0.5, 0.5],
          [0.3, 0.7],
        ],
        target: [
          [0.5, 0.5 + 1e-9],
          [0.4, 0.6],
        ],
      },
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.5] },
      { ...counts, input: [1e9, 1e9 + 1], target: [1e9 + 1, 1e9] },
      // the masses differ by more than rounding, which is another warning
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.6] },
    ],
  },
  INFINITE_DIVERGENCE: {
    raises: [
      { ...probs, input: [1, 0], target: [0.5, 0.5] },
      { input: [0, '-Infinity'], target: [0, -700], reduction: 'sum' },
    ],
    comesClose: [
      { ...probs, input: [1, 0], target: [1, 0] },
      { ...probs, input: [1, 5e-324], target: [0.5, 0.5] },
      { ...probs, input: [0.5, 0.5], target: [1, 0] },
      // Q underflows as a probability, not as a logarithm
      { input: [0, -1e6], target: [0, 0], reduction: 'sum' },
    ],
  },
  ESTIMATOR_OVERFLOW: {
    raises: [
      { ...estimates, input: [-1, -5], target: [-1, -715], divergences: ['k3'] },
      { ...estimates, input: [-1, -5], target: [-1, -1e200], divergences: ['k2'] },
      // two estimates of 1.6e308 each
      { ...estimates, input: [-1, -1], target: [-710.7, -710.7], divergences: ['k3'] },
    ],
    comesClose: [
      { ...estimates, input: [-1, -5], target: [-1, -715], divergences: ['k1', 'k2'] },
      { ...estimates, input: [-1, -5], target: [-1, -700], divergences: ['k3'] },
      { ...estimates, input: [-1, -5], target: [-1, -715], divergences: ['k3'], weights: [1, 0] },
      { ...estimates, input: [-1, '-Infinity'], target: [-1, -2], divergences: ['k3'] },
    ],
  },
  NEGATIVE_DIVERGENCE: {
    raises: [{ ...probs, input: [0.5, 0.5], target: [0.4, 0.4] }],
    comesClose: [
      { ...probs, input: [0.4, 0.4], target: [0.5, 0.5] },
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.5] },
      { input: [5, 5], target: [4, 4], input_kind: 'counts', target_kind: 'counts', reduction: 'sum' },
    ],
  },
  LOWER_BOUND: {
    raises: [{ ...probs, ...lists, rest: 'bucket' }],
    comesClose: [{ ...probs, ...lists }],
  },
  WITHIN_SAMPLING_NOISE: {
    raises: [
      { ...counts, input: [250, 250, 250, 250], target: [240, 260, 245, 255], sampling: true },
      { ...samples, input: ['a', 'b', 'a', 'b'], target: ['a', 'b', 'b'] },
      // 0.0055 bits, where 5 % exceed 0.0056
      { ...counts, input: [500, 500, 500], target: [550, 500, 450], sampling: true, base: 2 },
    ],
    comesClose: [
      { ...counts, input: [250, 250, 250, 250], target: [240, 260, 245, 255] },
      { ...counts, input: [250, 250, 250, 250], target: [240, 260, 245, 255], sampling: false },
      { ...counts, input: [500, 500, 500], target: [560, 500, 440], sampling: true, base: 2 },
      { ...samples, input: ['a', 'b', 'a', 'b'], target: ['a', 'b', 'b'], sampling: false },
      // infinite, whatever the test says
      { ...counts, input: [50, 0], target: [50, 1], sampling: true },
      // a single outcome tells nothing
      { ...counts, input: [50, 0], target: [20, 0], sampling: true },
    ],
  },
  SMALL_COUNTS: {
    raises: [
      { ...counts, input: [4, 5, 6, 4], target: [5, 5, 5, 5], sampling: true },
      { ...counts, input: [1000, 0], target: [999, 1], sampling: true },
      { ...samples, input: [1, 2, 3], target: [1, 2] },
    ],
    comesClose: [
      { ...counts, input: [4, 5, 6, 4], target: [5, 5, 5, 5] },
      { ...counts, input: [6, 6, 6, 6], target: [5, 5, 5, 5], sampling: true },
      // an outcome that neither side has is not expected
      { ...counts, input: [1000, 0, 900], target: [999, 0, 901], sampling: true },
      { ...samples, input: [1, 2, 3], target: [1, 2], sampling: false },
    ],
  },
  ZERO_OVER_ZERO: {
    raises: [
      { ...probs, input: [1, 0], target: [1, 0] },
      { input: [1, '-Infinity'], target: [2, '-Infinity'], reduction: 'sum' },
      { input: [3, 0], target: [1, '-Infinity'], input_kind: 'counts', reduction: 'sum' },
      // P is 0 as a float64, and all arithmetic is float64
      { input: [0, '-Infinity'], target: [0, -800], reduction: 'sum' },
    ],
    comesClose: [
      { ...probs, input: [0.5, 0.5], target: [1, 0] },
      // both underflow as probabilities; neither is 0
      { input: [0, -1e4], target: [0, -1e4], reduction: 'sum' },
    ],
  },
};

const askAny = (request: Request) => ('divergences' in request ? askFamily(request) : ask(request));

const codesOf = (request: Request) => askAny(request).warnings.map(({ code }) => code);

for (const code of warningCodes.filter((code) => code !== 'IGNORED_PARAMETER')) {
  test(`${code} is raised where it applies, and not where it nearly does`, () => {
    for (const request of cases[code].raises) assert.ok(codesOf(request).includes(code), JSON.stringify(request));
    for (const request of cases[code].comesClose) assert.ok(!codesOf(request).includes(code), JSON.stringify(request));
  });
}

/** The warnings of an inference request with such parameters. */
function warningsOfInference(parameters: Record<string, unknown>) {
  const inputs = ['input', 'target'].map((name) => ({ name, shape: [2], datatype: 'FP64', data: [1, 2] }));
  const bytes = Buffer.from(JSON.stringify({ inputs, parameters: { reduction: 'sum', ...parameters } }));
  const { request } = readInference({ bytes, numbers: new Float64Array(0), waitFor: () => bytes.length }, undefined, 10);
  return solve(request).warnings;
}

test('IGNORED_PARAMETER is raised for parameters that mean nothing, and not for those of the protocol', () => {
  assert.deepEqual(warningsOfInference({ timeout: 5, binary_data_output: false, dim: 0 }), []);
  const [{ code, severity, pointer, message, details }, ...others] = warningsOfInference({ axis: 0, redution: 'sum' });
  assert.deepEqual([code, severity, pointer, others.length], ['IGNORED_PARAMETER', 'info', '#/parameters/axis', 0]);
  assert.match(
    message,
    /#\/parameters\/axis \(the axis of a distribution is called dim here\), #\/parameters\/redution \(did you mean reduction\?\)\. /,
  );
  assert.deepEqual(details, { pointers: ['#/parameters/axis', '#/parameters/redution'], count: 2 });
});

test('KIND_MISMATCH takes numbers of an integer datatype for counts, unless one is negative', () => {
  const codes = (datatype: string, data: number[]) => {
    const inputs = ['input', 'target'].map((name) => ({ name, shape: [3], datatype, data }));
    const bytes = Buffer.from(JSON.stringify({ inputs, parameters: { reduction: 'sum' } }));
    const { request } = readInference({ bytes, numbers: new Float64Array(0), waitFor: () => bytes.length }, undefined, 10);
    return solve(request).warnings.map(({ code }) => code);
  };
  assert.deepEqual(codes('INT64', [3, 1, 2]), ['KIND_MISMATCH', 'KIND_MISMATCH']);
  assert.deepEqual(codes('INT8', [3, -1, 2]), []);
  assert.deepEqual(codes('FP32', [3, 1, 2]), []);
});

test('IGNORED_PARAMETER names ten, and counts all', () => {
  const [{ message, details }] = warningsOfInference(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`hop-${index}`, 1])));
  assert.equal((details.pointers as string[]).length, 10);
  assert.equal(details.count, 12);
  assert.match(message, /hop-9, and 2 more\./);
});

const warningOf = (code: string, request: Request) => {
  const found = ask(request).warnings.find((warning) => warning.code === code);
  assert.ok(found !== undefined, `${code} was not raised`);
  return found;
};

test('an answer whose numbers mean what they seem to carries no warning', () => {
  assert.deepEqual(
    codesOf({
      input: logits,
      target: [
        [3, 2, 1],
        [1, 2, 3],
      ],
      reduction: ['sum', 'batchmean', 'per_distribution'],
    }),
    [],
  );
});

test('BATCHMEAN_NOT_PER_DISTRIBUTION tells why the size of axis 0 is not the number of distributions', () => {
  const reasons = cases.BATCHMEAN_NOT_PER_DISTRIBUTION.raises.map(
    (request) => warningOf('BATCHMEAN_NOT_PER_DISTRIBUTION', request).details,
  );
  assert.deepEqual(reasons, [
    { reason: 'dim_is_batch_axis', divisor: 2, distributions: 3 },
    { reason: 'rank_1', divisor: 2, distributions: 1 },
    { reason: 'more_batch_axes', divisor: 1, distributions: 2 },
  ]);
});

test('NOT_NORMALIZED measures the worst sum, where it is, and how many are off', () => {
  const { pointer, details, message } = warningOf('NOT_NORMALIZED', {
    ...probs,
    input: halves,
    target: [
      [0.5, 0.6],
      [2, 1],
    ],
  });
  assert.equal(pointer, '#/target');
  assert.deepEqual(details, { side: 'target', worst_sum: 3, worst_index: [1], count: 2, indices: [[0], [1]] });
  assert.match(message, /differs from 1 in 2 of 2 distributions of target, the farthest 3 at \[1\]/);
});

test('each side is warned of on its own', () => {
  const { warnings } = ask({ ...probs, input: [1, 1], target: [2, 2] });
  assert.deepEqual(
    warnings.filter(({ code }) => code === 'NOT_NORMALIZED').map(({ pointer }) => pointer),
    ['#/input', '#/target'],
  );
});

test('NORMALIZED_ON_OTHER_DIM names the axis to use', () => {
  const { details, message } = warningOf('NORMALIZED_ON_OTHER_DIM', cases.NORMALIZED_ON_OTHER_DIM.raises[0]);
  assert.deepEqual(details, { side: 'input', dim: [1], normalized_dim: 0 });
  assert.match(message, /Send "dim": 0\./);
});

test('NORMALIZED_ON_OTHER_DIM names several axes where the numbers sum to 1 over them jointly, and NOT_NORMALIZED advises the same', () => {
  const joint = [
    [0, 0.1, 0.15],
    [0.1, 0, 0.25],
    [0.15, 0.25, 0],
  ];
  const request = { ...probs, input: joint, target: joint };
  assert.deepEqual(warningOf('NORMALIZED_ON_OTHER_DIM', request).details, { side: 'input', dim: [1], normalized_dim: [0, 1] });
  assert.match(warningOf('NOT_NORMALIZED', request).message, /They sum to 1 along dims 0, 1: send that as dim\./);
});

test('KIND_MISMATCH names both kinds, how many distributions look so, and the values under the other kind', () => {
  const { pointer, details, message } = warningOf('KIND_MISMATCH', {
    input: [[0.3333, 0.3333, 0.3333]],
    target: [[0.8123, 0.0948, 0.0928]],
    reduction: ['distribution_mean', 'per_distribution'],
  });
  const { value_if, ...rest } = details;
  assert.equal(pointer, '#/input_kind');
  assert.deepEqual(rest, { side: 'input', declared: 'logits', looks_like: 'probs', send_as: 'counts', distributions: 1 });
  assert.ok(Math.abs((value_if as { distribution_mean: number }).distribution_mean - 0.4858238712678432) < 1e-14);
  assert.match(message, /Send "input_kind": "counts"; then distribution_mean 0\.485824\./);
});

test('KIND_MISMATCH names the axes that the probabilities lie along', () => {
  const images = Array.from({ length: 2 }, (_, image) => [
    [0.1 + image / 8, 0.25],
    [0.2, 0.45 - image / 8],
  ]);
  const { details, message } = warningOf('KIND_MISMATCH', { input: images, target: images, reduction: 'distribution_mean' });
  assert.deepEqual(details.dim, [1, 2]);
  assert.deepEqual(details.value_if, { distribution_mean: 0 });
  assert.match(message, /"input_kind": "probs", "dim": \[1, 2\]/);
});

test('NEGATIVE_DIVERGENCE holds the lowest total and both masses', () => {
  const { details } = warningOf('NEGATIVE_DIVERGENCE', {
    ...probs,
    input: halves,
    target: [
      [0.25, 0.25],
      [0.5, 0.5],
    ],
  });
  assert.deepEqual(details, {
    lowest: 0.5 * Math.log(0.5),
    target_sum: 0.5,
    input_sum: 1,
    mass_difference: -0.5,
    count: 1,
    indices: [[0]],
  });
});

test('indices are capped at ten, and counted', () => {
  const zeros = Array(12).fill(0);
  const { details } = warningOf('ZERO_OVER_ZERO', { ...probs, input: [[...zeros, 1]], target: [[...zeros, 1]] });
  assert.equal(details.count, 12);
  assert.deepEqual(
    details.indices,
    Array.from({ length: 10 }, (_, k) => [0, k]),
  );
});

test('a mass that is off 1 by little is told by how much', () => {
  const { message } = warningOf('NOT_NORMALIZED', { ...probs, input: [0.5, 0.5], target: [0.5, 0.500002] });
  assert.match(message, /the farthest 1 \+ 0\.0000020\. /);
});

test('a sum that only overflows is infinite with a warning that says so', () => {
  const mask = -Number.MAX_VALUE;
  const { details, message } = warningOf('INFINITE_DIVERGENCE', {
    input: [
      [0, mask],
      [0, mask],
    ],
    target: [
      [-800, 0],
      [-800, 0],
    ],
    reduction: 'sum',
  });
  assert.equal(details.count, 0);
  assert.match(message, /larger than the largest float64/);
});
