import { examples } from './example-requests.ts';
import { answerTo } from './run-example.ts';

const { input, target } = examples.logits.request;

const inputs = [
  { name: 'input', shape: [2, 3], datatype: 'FP64', data: input.flat() },
  { name: 'target', shape: [2, 3], datatype: 'FP64', data: target.flat() },
];

/** Examples of inference requests. */
const requests = {
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
} as const;

/** Returns the examples of inference requests in the form of OpenAPI. */
export function inferenceRequestExamples() {
  return Object.fromEntries(
    Object.entries(requests).map(([name, { summary, description, request }]) => [name, { summary, description, value: request }]),
  );
}

/** Returns the answers to the examples. They are computed, so never out of date. */
export function inferenceAnswerExamples() {
  return Object.fromEntries(
    Object.entries(requests).map(([name, { summary, request }]) => [
      name,
      { summary, value: JSON.parse(answerTo({ task: 'infer', path: '', body: JSON.stringify(request) })) },
    ]),
  );
}
