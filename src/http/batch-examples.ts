import { batch } from '../compute/batch.ts';
import { lines } from '../compute/lines.ts';
import type { Job } from '../compute/work.ts';
import { examples } from './examples.ts';

const request = {
  defaults: { input_kind: 'probs', target_kind: 'probs', reduction: 'distribution_mean' },
  items: [
    { id: 'coin', input: [[0.75, 0.25]], target: [[0.5, 0.5]] },
    { id: 'in bits', input: [[0.75, 0.25]], target: [[0.5, 0.5]], base: 2 },
    { id: 'refused', input: [[1.25, -0.25]], target: [[0.5, 0.5]] },
  ],
} as const;

/** A batch that Swagger UI offers, and what the service answers to it: computed, so never out of date. */
export const batchExamples = {
  request: { three_requests: { summary: 'Three requests, of which one is refused', value: request } },
  answer: () => ({ three_requests: { summary: 'Two answers and a problem', value: JSON.parse(answerTo(batch, JSON.stringify(request))) } }),
};

const requestLines = [
  { id: 1, ...examples.bits.request },
  { id: 2, input: [1, 2], target: [2] },
];

/** The same for a stream. */
export const lineExamples = {
  request: requestLines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  answer: () => `${answerTo(lines, lineExamples.request)}{"totals":{"lines":2,"answered":1,"refused":1}}\n`,
};

function answerTo(run: (job: Job) => { content: string | Uint8Array }, body: string): string {
  const bytes = Buffer.from(body);
  const occurrence = { path: '/v1/kl-divergence/batch', requestId: '7c9e6679-7425-40de-944b-e07fc1f90ae7' };
  const { content } = run({
    work: { task: 'batch', query: {}, accepts: 'json', limits: { maxElements: 2 ** 20 }, occurrence, received: 0 },
    source: { bytes, numbers: new Float64Array(0), upTo: () => bytes.length },
    tools: {},
    lap: (_phase, value) => value,
  });
  return String(content);
}
