import { examples } from './example-requests.ts';
import { answerTo } from './run-example.ts';

const path = '/v1/kl-divergence/batch';

const request = {
  defaults: { input_kind: 'probs', target_kind: 'probs', reduction: 'distribution_mean' },
  items: [
    { id: 'coin', input: [[0.75, 0.25]], target: [[0.5, 0.5]] },
    { id: 'in bits', input: [[0.75, 0.25]], target: [[0.5, 0.5]], base: 2 },
    { id: 'refused', input: [[1.25, -0.25]], target: [[0.5, 0.5]] },
  ],
} as const;

/** One reference, which stands in `defaults`, and two windows. */
const sharedReference = {
  defaults: { input: [[50, 30, 20]], input_kind: 'counts', target_kind: 'counts', reduction: 'distribution_mean' },
  items: [
    { id: 'monday', target: [[45, 35, 20]] },
    { id: 'tuesday', target: [[30, 30, 40]] },
  ],
} as const;

const answerOf = (body: object) => JSON.parse(answerTo({ task: 'batch', path, body: JSON.stringify(body) }));

/** Examples of batches, and their answers, which are computed and so never out of date. */
export const batchExamples = {
  requests: () => ({
    three_requests: { summary: 'Three requests, one of them refused', value: request },
    shared_reference: {
      summary: 'One reference against two windows',
      description: 'The reference stands in defaults.',
      value: sharedReference,
    },
  }),
  answers: () => ({
    three_requests: { summary: 'Two answers and a problem', value: answerOf(request) },
    shared_reference: { summary: 'An answer for each window', value: answerOf(sharedReference) },
  }),
};

const requestLines = [
  { id: 1, ...examples.bits.request },
  { id: 2, input: [1, 2], target: [2] },
];

/** An example of a stream, and its answer. */
export const lineExamples = {
  request: requestLines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  answer: () => `${answerTo({ task: 'lines', path, body: lineExamples.request })}{"totals":{"lines":2,"answered":1,"refused":1}}\n`,
};
