import notebook from '../../http/openapi/notebook.json' with { type: 'json' };
import { gaussians, rowsOf, softmaxes, uniforms } from './random.ts';
import { emptyState, type State } from './state.ts';

/** An example of the gallery: what it is called, and what one sees in it. */
export type Example = {
  readonly name: string;
  readonly title: string;
  readonly sentence: string;
  readonly input: unknown;
  readonly target: unknown;
  readonly weights?: unknown;
  readonly options: Readonly<Record<string, string>>;
  readonly shown?: string;
};

const double = softmaxes(17, 4, 5, 2);
const base = uniforms(5, 256, -4, 4);
const quantised = base.map((value, place) => Math.round((value + 0.02 * gaussians(29, 256)[place]) * 4) / 4);
const weeks = { last: gaussians(3, 120).map((z) => Math.round(480 + 60 * z)), now: gaussians(8, 90).map((z) => Math.round(505 + 66 * z)) };
const padding = [0, 0, 0, 0];
const sequence = (seed: number, tokens: number) => [
  ...rowsOf(
    gaussians(seed, tokens * 4).map((z) => round(2 * z)),
    4,
  ),
  ...Array.from({ length: 4 - tokens }, () => padding),
];
const tokens = { input: [sequence(41, 4), sequence(42, 2), sequence(43, 3)], target: [sequence(51, 4), sequence(52, 2), sequence(53, 3)] };

export const examples: readonly Example[] = [
  {
    name: 'notebook-5x2',
    title: 'The notebook: 5 × 2',
    sentence:
      'Why does PyTorch print 0.8762 for batchmean? It divides by the 5 rows of axis 0, but these are the outcomes: there are 2 distributions, one in each column.',
    ...notebook['5x2'],
    options: { dim: '0' },
  },
  {
    name: 'notebook-10x6x4',
    title: 'The notebook: 10 × 6 × 4',
    sentence:
      'The same with 24 distributions of 10 outcomes: batchmean divides by 10 and prints 9.0788, and the mean divergence is 3.7828.',
    ...notebook['10x6x4'],
    options: { dim: '0' },
  },
  {
    name: 'double-softmax',
    title: 'A double softmax',
    sentence:
      'These rows are probabilities already, but are read as logits: a second softmax makes them almost uniform, and the divergence far too small.',
    input: double.input,
    target: double.target,
    options: { input_kind: 'logits' },
    shown: 'distribution_mean',
  },
  {
    name: 'padded-batch',
    title: 'A padded batch',
    sentence: 'Three sequences of 4, 2 and 3 tokens: weights of 0 leave the padding unread. Empty the weights, and it is averaged in.',
    input: tokens.input,
    target: tokens.target,
    weights: [
      [1, 1, 1, 1],
      [1, 1, 0, 0],
      [1, 1, 1, 0],
    ],
    options: { dim: '2' },
    shown: 'distribution_mean',
  },
  {
    name: 'top-k',
    title: "Two models' top-k",
    sentence:
      'Each model lists its likeliest tokens: what both list is compared one by one, all else is one outcome, and the divergence a lower bound.',
    input: {
      outcomes: [
        ['the', 'a', 'this', 'its'],
        ['cat', 'dog', 'house'],
      ],
      values: [
        [-0.42, -1.71, -2.6, -3.4],
        [-0.9, -1.3, -2.2],
      ],
    },
    target: {
      outcomes: [
        ['the', 'a', 'one'],
        ['cat', 'horse', 'dog', 'mouse'],
      ],
      values: [
        [-0.25, -2.05, -3.1],
        [-0.6, -1.9, -1.6, -3.2],
      ],
    },
    options: { input_kind: 'log_probs', rest: 'bucket' },
    shown: 'distribution_mean',
  },
  {
    name: 'drift',
    title: 'A drifted column',
    sentence: 'Basket values of last week and of this one: the grey band is what chance alone makes of the divergence with so few values.',
    input: weeks.now,
    target: weeks.last,
    options: { input_kind: 'samples', pseudocount: '0.5' },
    shown: 'sum',
  },
  {
    name: 'vae',
    title: 'A VAE',
    sentence:
      'Means and log-variances of four examples with five latents against the standard normal distribution: each cell is the KL of one latent.',
    input: { loc: 0, scale: 1 },
    target: {
      loc: rowsOf(gaussians(61, 20).map(round), 5),
      log_variance: rowsOf(
        gaussians(62, 20).map((z) => round(z / 2 - 1)),
        5,
      ),
    },
    options: { input_kind: 'normal' },
    shown: 'distribution_mean',
  },
  {
    name: 'quantised',
    title: 'Quantised logits',
    sentence:
      'The logits of 32 tokens before and after rounding to quarters: most tokens hardly change, and the ten largest divergences say where to look.',
    input: rowsOf(quantised, 8),
    target: rowsOf(base.map(round), 8),
    options: {},
    shown: 'distribution_mean',
  },
];

/** Returns the state that an example begins with. */
export function stateOfExample({ input, target, weights, options, shown }: Example): State {
  const texts = { input: inRows(input), target: inRows(target), weights: weights === undefined ? '' : inRows(weights) };
  return { ...emptyState, texts, options, shown: shown ?? emptyState.shown };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** JSON with a list of numbers on each line. */
function inRows(value: unknown, indent = ''): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (!value.some((item) => Array.isArray(item))) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    return `[\n${value.map((item) => deeper + inRows(item, deeper)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{\n${Object.entries(value)
    .map(([name, item]) => `${deeper}"${name}": ${inRows(item, deeper)}`)
    .join(',\n')}\n${indent}}`;
}
