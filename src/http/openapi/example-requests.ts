import { closedFormExamples } from './closed-form-examples.ts';
import notebook from './notebook.json' with { type: 'json' };
import { outcomeExamples } from './outcome-examples.ts';
import { sampleExamples } from './sample-examples.ts';

/** An example of a request. The service answers it with `status`. */
export type Example = {
  readonly summary: string;
  readonly description: string;
  readonly status: 200 | 422;
  readonly request: Readonly<Record<string, unknown>>;
};

const weather = { input: [[0.7, 0.2, 0.1]], target: [[0.5, 0.3, 0.2]] };

export const examples = {
  notebook_5x2: {
    summary: "The notebook's first experiment",
    description:
      'Logits of shape (5, 2), softmax over dim 0: sum 4.3808, mean 0.4381, batchmean 0.8762, as PyTorch prints them. ' +
      'distribution_mean 2.1904 is the mean of the two divergences, which PyTorch does not print.',
    status: 200,
    request: { ...notebook['5x2'], dim: 0 },
  },
  notebook_10x6x4: {
    summary: "The notebook's second experiment",
    description: 'Logits of shape (10, 6, 4), softmax over dim 0: sum 90.7882, mean 0.3783, batchmean 9.0788; 24 distributions.',
    status: 200,
    request: { ...notebook['10x6x4'], dim: 0 },
  },
  logits: {
    summary: 'Logits, one divergence for each row',
    description: 'The default kinds: a log-softmax along dim -1 makes each row a distribution.',
    status: 200,
    request: {
      input: [
        [2, 1, 0.1],
        [0.3, 0.3, 0.3],
      ],
      target: [
        [1.5, 1.2, 0.2],
        [0.1, 0.9, 2],
      ],
      reduction: ['per_distribution', 'distribution_mean'],
    },
  },
  log_probs: {
    summary: 'Log-probabilities against probabilities',
    description: 'The arguments of F.kl_div(input, target).',
    status: 200,
    request: {
      input: [[-0.35667494393873245, -1.6094379124341003, -2.3025850929940455]],
      target: weather.target,
      input_kind: 'log_probs',
      target_kind: 'probs',
      reduction: 'distribution_mean',
    },
  },
  probs: {
    summary: 'Probabilities',
    description: 'Used without change. A warning tells of masses that differ from 1.',
    status: 200,
    request: { ...weather, input_kind: 'probs', target_kind: 'probs', reduction: ['per_distribution', 'none'] },
  },
  counts: {
    summary: 'Counts of two histograms',
    description: 'Divided by their sum along dim.',
    status: 200,
    request: { input: [12, 30, 58], target: [20, 25, 55], input_kind: 'counts', target_kind: 'counts', reduction: 'sum' },
  },
  flat: {
    summary: 'Flat tensors with a shape',
    description: 'Tensors of the answer are flat too.',
    status: 200,
    request: {
      input: { shape: [2, 3], data: [2, 1, 0.1, 0.3, 0.3, 0.3] },
      target: { shape: [2, 3], data: [1.5, 1.2, 0.2, 0.1, 0.9, 2] },
      reduction: ['none', 'per_distribution'],
    },
  },
  base64: {
    summary: 'Tensors as base64 bytes',
    description: 'Little-endian float32 or float64; those of the answer are float64. The same numbers as in the flat example, as float32.',
    status: 200,
    request: {
      input: { shape: [2, 3], dtype: 'float32', base64: 'AAAAQAAAgD/NzMw9mpmZPpqZmT6amZk+' },
      target: { shape: [2, 3], dtype: 'float32', base64: 'AADAP5qZmT/NzEw+zczMPWZmZj8AAABA' },
      reduction: ['per_distribution', 'distribution_mean'],
    },
  },
  joint_dims: {
    summary: 'One distribution over two axes',
    description: 'Each (2, 2) map of the batch is one distribution: dim lists both axes.',
    status: 200,
    request: {
      input: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
      target: [
        [
          [4, 3],
          [2, 1],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
      dim: [1, 2],
      reduction: ['per_distribution', 'batchmean', 'distribution_mean'],
    },
  },
  bits: {
    summary: 'In bits',
    description: 'base 2 in place of e: a fair coin against a coin of 3 to 1.',
    status: 200,
    request: { input: [0.75, 0.25], target: [0.5, 0.5], input_kind: 'probs', target_kind: 'probs', base: 2, reduction: 'sum' },
  },
  masked_logits: {
    summary: 'Masked logits',
    description: '"-Infinity" is a mass of 0. An outcome that is masked in both tensors counts as 0; PyTorch returns NaN.',
    status: 200,
    request: {
      input: [
        [1, 2, '-Infinity'],
        [0, 1, 2],
      ],
      target: [
        [2, 1, '-Infinity'],
        [2, 1, 0],
      ],
      reduction: ['per_distribution', 'distribution_mean'],
    },
  },
  ...sampleExamples,
  weights: {
    summary: 'Weights and padding',
    description: 'One weight for each distribution. That of weight 0 is not read, so its counts may all be 0.',
    status: 200,
    request: {
      input: [
        [12, 30, 58],
        [0, 0, 0],
        [7, 2, 1],
      ],
      target: [
        [20, 25, 55],
        [0, 0, 0],
        [5, 4, 1],
      ],
      weights: [1, 0, 2.5],
      input_kind: 'counts',
      target_kind: 'counts',
      reduction: ['per_distribution', 'distribution_mean'],
    },
  },
  ...outcomeExamples,
  temperature: {
    summary: 'Logits at a temperature',
    description: 'Both sides are softmax(x / 2). Multiply by 4 for the loss of who multiplies by the square of the temperature.',
    status: 200,
    request: { input: [[2, 1, 0.1]], target: [[1.5, 1.2, 0.2]], temperature: 2, reduction: 'distribution_mean' },
  },
  statistics: {
    summary: 'Statistics of all distributions',
    description: 'Mean, errors, the median, the largest divergences, and how often both sides have the same most likely outcome.',
    status: 200,
    request: {
      input: { shape: [3, 2], data: [2, 1, 0, 3, 1, 1.5] },
      target: { shape: [3, 2], data: [1, 2, 1, 2, 2, 1] },
      statistics: [0.5],
    },
  },
  ...closedFormExamples,
  infinite: {
    summary: 'An infinite divergence',
    description: 'target has mass where input has none. The right answer is infinite: status 200 with a warning, and "Infinity" in JSON.',
    status: 200,
    request: { input: [1, 0], target: [0.5, 0.5], input_kind: 'probs', target_kind: 'probs', reduction: 'sum' },
  },
  strict_refusal: {
    summary: 'A strict refusal',
    description: 'mean divides by outcomes as well as by distributions. With strict, that warning rejects the request: 422.',
    status: 422,
    request: { input: [[2, 1, 0.1]], target: [[1.5, 1.2, 0.2]], reduction: 'mean', strict: true },
  },
} as const satisfies Record<string, Example>;

export type ExampleName = keyof typeof examples;
