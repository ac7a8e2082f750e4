import type { WarningCode } from '../../src/warnings/warnings.ts';

export type Request = Record<string, unknown>;

export const probs = { input_kind: 'probs', target_kind: 'probs', reduction: 'sum' };
export const halves = [
  [0.5, 0.5],
  [0.5, 0.5],
];
export const logits = [
  [1, 2, 3],
  [3, 1, 2],
];

/** Probabilities along axis 0. */
const columns = [
  [0.9, 0.2, 0.6],
  [0.1, 0.8, 0.4],
];

const logProbs = { input_kind: 'log_probs', target_kind: 'log_probs', reduction: 'sum' };

const estimates = {
  input_kind: 'sampled_log_probs',
  target_kind: 'sampled_log_probs',
  sampled_from: 'target',
  reduction: 'distribution_mean',
};

const k1 = { ...estimates, divergences: ['k1'] };
const counts = { input_kind: 'counts', target_kind: 'counts', reduction: 'sum' };
const dirichlet = { input_kind: 'dirichlet', target_kind: 'dirichlet', reduction: 'sum' };
const samples = { input_kind: 'samples', target_kind: 'samples', reduction: 'sum' };
const lists = { input: { outcomes: ['a', 'b'], values: [0.5, 0.5] }, target: { outcomes: ['b', 'c'], values: [0.5, 0.5] } };

/** A list of log-probabilities whose rest, what it leaves to 1, is compared with one of 5e-5. */
const confident = (first: number, second: number | string) => ({
  input_kind: 'log_probs',
  target_kind: 'log_probs',
  reduction: 'sum',
  rest: 'bucket',
  input: { outcomes: ['a', 'b'], values: [first, second] },
  target: { outcomes: ['a', 'b'], values: [-1e-4, -10] },
});
const thirds = [1 / 3, 1 / 3, 1 / 3];

/** The base64 of numbers, in the other byte order where `swap` is their size. */
function bytesOf({ buffer }: ArrayBufferView<ArrayBuffer>, swap?: 4 | 8): string {
  const bytes = Buffer.from(buffer);
  return (swap === 4 ? bytes.swap32() : swap === 8 ? bytes.swap64() : bytes).toString('base64');
}

/** For each code a request that raises it, and one that comes close and does not. */
export const cases: Record<
  Exclude<WarningCode, 'IGNORED_PARAMETER' | 'MIXED_ROUNDING' | 'SOURCE_NOT_PINNED'>,
  { raises: Request[]; comesClose: Request[] }
> = {
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
      { ...dirichlet, input: { concentration: [[1], [2]] }, target: { concentration: [[2], [5]] } },
    ],
    comesClose: [
      { input: [[1], [2]], target: [[2], [1]], dim: [0, 1], reduction: 'sum' },
      { ...samples, input: [1, 2], target: [3], bins: 2 },
      { ...samples, input: [1], target: [1], bins: 1, missing: 'category' },
      { ...dirichlet, input: { concentration: [[1, 2]] }, target: { concentration: [[2, 5]] } },
      { ...dirichlet, input: { concentration: [[1], [2]] }, target: { concentration: [[2], [5]] }, dim: 0 },
      {
        input_kind: 'gamma',
        target_kind: 'gamma',
        input: { concentration: [[1]], rate: 1 },
        target: { concentration: 2, rate: 1 },
        reduction: 'sum',
      },
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
      // rows of one number each, which are no padding: none sums to 1
      {
        ...probs,
        input: [
          [0.25, 0.25],
          [0.75, 0.75],
        ],
        target: halves,
      },
      // log-probabilities as logits
      { input: columns.map((row) => row.map(Math.log)), target: logits, reduction: 'sum' },
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
      { input: columns.map((row) => row.map(Math.log)), target: logits, dim: 0, reduction: 'sum' },
      { input: columns.map((row) => row.map((p) => Math.log(p) - 0.1)), target: logits, reduction: 'sum' },
      // along dim, and along the other axis too
      { input: halves.map((row) => row.map(Math.log)), target: columns.map((row) => row.slice(1)), reduction: 'sum' },
      // one distribution, and padding
      {
        ...probs,
        input: [
          [0, 0, 0],
          [0.5, 0.25, 0.25],
        ],
        target: [
          [0, 0, 0],
          [0.25, 0.5, 0.25],
        ],
      },
      {
        ...logProbs,
        input: [[Math.log(0.5), Math.log(0.25), Math.log(0.25)], Array(3).fill(-100)],
        target: [[Math.log(0.25), Math.log(0.5), Math.log(0.25)], Array(3).fill(-100)],
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
  PSEUDOCOUNT_OF_SHARES: {
    raises: [
      { ...counts, input: [0.4, 0.3, 0.25, 0.05], target: [0.5, 0.3, 0.2, 0], pseudocount: 0.5 },
      { ...counts, input: [40, 30, 25, 5], target: [0.5, 0.3, 0.2, 0], pseudocount: 0.5 },
      { ...counts, input: [0.33, 0.33, 0.33], target: [0.81, 0.09, 0.09], pseudocount: 1 },
      { ...counts, ...lists, pseudocount: 0.5 },
    ],
    comesClose: [
      { ...counts, input: [0.4, 0.3, 0.25, 0.05], target: [0.5, 0.3, 0.2, 0], pseudocount: 1e-3 },
      { ...counts, input: [40, 30, 25, 5], target: [50, 30, 20, 0], pseudocount: 0.5 },
      // one observation; weights
      { ...counts, input: [0, 1, 0], target: [1, 0, 0], pseudocount: 0.5 },
      { ...counts, input: [0.5, 1.5, 0.2], target: [0.5, 0.3, 0.5], pseudocount: 0.5 },
      { ...samples, input: [1], target: [2], bins: 2, pseudocount: 0.5 },
    ],
  },
  MASS_DIFFERENCE: {
    raises: [
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.5 + 1e-9] },
      { ...probs, input: [0.5, 0.5 + 1e-9], target: [0.5, 0.5] },
      { input: [-1e-8, '-Infinity'], target: [0, '-Infinity'], input_kind: 'log_probs', target_kind: 'log_probs', reduction: 'sum' },
      // as much of it as without weights
      { ...probs, input: [0.5, 0.5], target: [0.5, 0.5 + 1e-9], weights: [1000] },
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
      // by its weight it is little of the result
      {
        ...probs,
        input: halves,
        target: [
          [0.5, 0.5 + 1e-9],
          [0.500001, 0.499999],
        ],
        weights: [1e-6, 1],
      },
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
  SAMPLED_FROM_OTHER_SIDE: {
    raises: [
      { ...k1, input: Array(60).fill(-1), target: Array(60).fill(-1.5) },
      { ...k1, sampled_from: 'input', input: Array(60).fill(-1.5), target: Array(60).fill(-1) },
      { ...k1, input: [Array(60).fill(-1)], target: [Array(60).fill(-1.5)], dim: -1 },
    ],
    comesClose: [
      { ...k1, input: Array(60).fill(-1.5), target: Array(60).fill(-1) },
      { ...k1, input: Array(39).fill(-1), target: Array(39).fill(-1.5) },
      { ...k1, input: Array(60).fill(-1), target: Array(60).fill(-1.5), weights: Array(60).fill(0).fill(1, 30) },
      // one that is far off, as rounding or padding may be
      { ...k1, input: [-1, -1], target: [-1, -40] },
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
  REST_BY_ROUNDING: {
    // the logarithm of a mass of 1 - 1e-9, in float32, and what else the lists have of it
    raises: [confident(0, -21), confident(-1.1920929e-7, -21)],
    comesClose: [
      // a complete list
      confident(0, '-Infinity'),
      confident(-1e-5, -21),
      // the other side leaves as little
      { ...confident(0, -21), target: confident(0, -21).input },
      // how little target leaves changes nothing
      { ...confident(0, -21), input: confident(0, -21).target, target: confident(0, -21).input },
    ],
  },
  LOWER_BOUND: {
    raises: [{ ...probs, ...lists, rest: 'bucket' }],
    // lists of all outcomes leave nothing out
    comesClose: [
      { ...probs, ...lists },
      { ...probs, input: lists.input, target: { outcomes: ['b', 'a'], values: [0.3, 0.7] }, rest: 'bucket' },
    ],
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
  NO_INTERVAL: {
    raises: [
      { ...counts, input: [50, 50, 0], target: [51, 49, 1], confidence: 0.9 },
      // none is infinite as it stands
      { ...counts, input: [50, 2], target: [50, 40], confidence: 0.9 },
    ],
    comesClose: [
      { ...counts, input: [50, 50, 0], target: [51, 49, 1], sampling: true },
      { ...counts, input: [50, 50, 0], target: [51, 49, 1], confidence: 0.9, pseudocount: 0.5 },
      { ...counts, input: [50, 50, 0], target: [51, 49, 1], confidence: 0.9, divergences: ['jensen_shannon'] },
      // a distribution of weight 0 has none, and is not read
      {
        ...counts,
        input: [
          [50, 50],
          [50, 0],
        ],
        target: [
          [51, 49],
          [49, 1],
        ],
        weights: [1, 0],
        confidence: 0.9,
      },
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
      // in one bin there is nothing that chance could change, and no bin to take away
      { ...samples, input: [1], target: [1] },
    ],
  },
  ZERO_OVER_ZERO: {
    raises: [
      { ...probs, input: [1, 0], target: [1, 0] },
      { input: [1, '-Infinity'], target: [2, '-Infinity'], reduction: 'sum' },
      { input: [3, 0], target: [1, '-Infinity'], input_kind: 'counts', reduction: 'sum' },
      // P is 0 as a float64, and all arithmetic is float64
      { input: [0, '-Infinity'], target: [0, -800], reduction: 'sum' },
      { ...probs, rest: 'bucket', input: { outcomes: ['a', 'b'], values: [1, 0] }, target: { outcomes: ['a', 'b'], values: [1, 0] } },
    ],
    comesClose: [
      { ...probs, input: [0.5, 0.5], target: [1, 0] },
      // both underflow as probabilities; neither is 0
      { input: [0, -1e4], target: [0, -1e4], reduction: 'sum' },
      // lists of all outcomes have no rest
      {
        ...probs,
        rest: 'bucket',
        input: { outcomes: ['a', 'b'], values: [0.5, 0.5] },
        target: { outcomes: ['a', 'b'], values: [0.25, 0.75] },
      },
    ],
  },
};
