import type { ModelName } from '../../formats/inference/models.ts';
import { examples } from './example-requests.ts';
import { answerTo } from './run-example.ts';

const { input, target } = examples.logits.request;

const inputs = [
  { name: 'input', shape: [2, 3], datatype: 'FP64', data: input.flat() },
  { name: 'target', shape: [2, 3], datatype: 'FP64', data: target.flat() },
];

type Example = {
  readonly summary: string;
  readonly description: string;
  /** The model that is asked, where it is not `kl_div`. */
  readonly model?: ModelName;
  readonly request: object;
};

const bins = [
  { name: 'input', shape: [4], datatype: 'INT64', data: [40, 30, 25, 5] },
  { name: 'target', shape: [4], datatype: 'INT64', data: [50, 30, 20, 0] },
];

/** Examples of inference requests. */
const requests: Readonly<Record<string, Example>> = {
  default: {
    summary: 'The default answer',
    description: 'output holds sum, mean, batchmean and distribution_mean.',
    request: { id: 'a', inputs },
  },
  by_name: {
    summary: 'Outputs by name',
    description: 'One tensor of divergences and two numbers in one call. The axis of a distribution is a parameter.',
    request: { inputs, parameters: { dim: -1 }, outputs: [{ name: 'per_distribution' }, { name: 'sum' }, { name: 'distribution_mean' }] },
  },
  weights: {
    summary: 'A mask over the distributions',
    description: 'The input weights may be left out. What it masks is not read.',
    request: {
      inputs: [...inputs, { name: 'weights', shape: [2], datatype: 'BOOL', data: [true, false] }],
      parameters: { reduction: 'distribution_mean' },
    },
  },
  counts: {
    summary: 'Counts, as integers, in bits',
    description: 'output follows the parameter reduction.',
    request: {
      inputs: [
        { name: 'input', shape: [3], datatype: 'INT64', data: [12, 30, 58] },
        { name: 'target', shape: [3], datatype: 'INT64', data: [20, 25, 55] },
      ],
      parameters: { input_kind: 'counts', target_kind: 'counts', base: 2, reduction: 'sum' },
    },
  },
  psi: {
    summary: 'PSI, as the model jeffreys',
    description: 'To `/v2/models/jeffreys/infer`. A bin is empty, so a pseudocount is added to every count of both sides.',
    model: 'jeffreys',
    request: { inputs: bins, parameters: { input_kind: 'counts', target_kind: 'counts', pseudocount: 0.5, reduction: 'sum' } },
  },
  samples: {
    summary: 'Samples in bins',
    description: 'Edges as text. The bins, and what sampling makes of the divergence, are outputs behind output.',
    request: {
      inputs: [
        { name: 'input', shape: [8], datatype: 'FP64', data: [52, 48, 61, 55, 47, 66, 58, 50] },
        { name: 'target', shape: [10], datatype: 'FP64', data: [41, 45, 39, 52, 44, 47, 50, 36, 43, 48] },
      ],
      parameters: { input_kind: 'samples', target_kind: 'samples', bins: '35,48,70', reduction: 'sum' },
    },
  },
  renyi: {
    summary: 'Rényi of order 1/2, as the model renyi',
    description: 'To `/v2/models/renyi/infer`. What stands behind the colon in `/v1` is the parameter `alpha`.',
    model: 'renyi',
    request: { inputs, parameters: { alpha: 0.5, reduction: 'distribution_mean' } },
  },
};

/** Returns the examples of inference requests in the form of OpenAPI. */
export function inferenceRequestExamples() {
  return Object.fromEntries(
    Object.entries(requests).map(([name, { summary, description, request }]) => [name, { summary, description, value: request }]),
  );
}

/** Returns the answers to the examples. They are computed, so never out of date. */
export function inferenceAnswerExamples() {
  return Object.fromEntries(
    Object.entries(requests).map(([name, { summary, request, model = 'kl_div' }]) => [
      name,
      { summary, value: JSON.parse(answerTo({ task: 'infer', path: '', model, body: JSON.stringify(request) })) },
    ]),
  );
}
