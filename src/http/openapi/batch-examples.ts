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

/** An example of a batch, and its answer, which is computed and so never out of date. */
export const batchExamples = {
  request: { three_requests: { summary: 'Three requests, one of them refused', value: request } },
  answer: () => ({
    three_requests: {
      summary: 'Two answers and a problem',
      value: JSON.parse(answerTo({ task: 'batch', path, body: JSON.stringify(request) })),
    },
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
