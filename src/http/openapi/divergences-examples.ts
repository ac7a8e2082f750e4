import { examples } from './example-requests.ts';
import { answerTo } from './run-example.ts';

type Requests = Readonly<Record<string, { readonly summary: string; readonly description: string; readonly request: object }>>;

const { input, target } = examples.logits.request;

const requests = {
  default: {
    summary: 'The four defaults',
    description: 'kl, reverse_kl, jeffreys and jensen_shannon of two pairs of logits.',
    request: { input, target, reduction: 'distribution_mean' },
  },
  drift: {
    summary: 'Drift of a histogram',
    description: 'jeffreys is PSI, the population stability index; jensen_shannon_distance with base 2 is that of NannyML.',
    request: {
      input: [120, 300, 580],
      target: [200, 250, 550],
      input_kind: 'counts',
      target_kind: 'counts',
      divergences: ['jeffreys', 'jensen_shannon_distance', 'hellinger', 'total_variation'],
      base: 2,
      reduction: 'sum',
    },
  },
  empty_bins: {
    summary: 'PSI with an empty bin',
    description: 'Half a count is added to every bin of both sides. Without it, jeffreys is infinite.',
    request: {
      input: [40, 30, 25, 5],
      target: [50, 30, 20, 0],
      input_kind: 'counts',
      target_kind: 'counts',
      pseudocount: 0.5,
      divergences: ['jeffreys', 'jensen_shannon_distance'],
      reduction: 'sum',
    },
  },
  weights: {
    summary: 'Token weights at a temperature',
    description: 'The second distribution is not read. Both sides are softmax(x / 2); jensen_shannon is that of GKD, without its beta.',
    request: { input, target, weights: [1, 0], temperature: 2, reduction: 'distribution_mean' },
  },
  psi_by_deciles: {
    summary: 'PSI by deciles',
    description:
      'Raw observations in the deciles of target, with 1 added to each count. expected_by_chance is what PSI would be without any drift.',
    request: {
      input: [52, 48, 61, 55, 47, 66, 58, 50, 43, 59, 62, 49, 57, 53, 64, 56],
      target: [41, 45, 39, 52, 44, 47, 50, 36, 43, 48, 46, 42, 49, 40, 45, 51, 44, 38, 53, 47],
      input_kind: 'samples',
      target_kind: 'samples',
      bins: 'deciles',
      pseudocount: 1,
      divergences: ['jeffreys', 'total_variation'],
      reduction: 'sum',
    },
  },
  parameters: {
    summary: 'Divergences with a parameter',
    description: 'The weight of target in the Jensen-Shannon mixture, and the order of Rényi, stand behind a colon.',
    request: {
      input: [0.2, 0.5, 0.3],
      target: [0.5, 0.3, 0.2],
      input_kind: 'probs',
      target_kind: 'probs',
      divergences: ['jensen_shannon:0.1', 'renyi:0.5', 'renyi:2', 'chi_squared'],
      reduction: 'sum',
    },
  },
  sampled_tokens: {
    summary: 'Log-probabilities of sampled tokens',
    description: 'What the policy, which is target, and the reference give to the tokens of the policy. The last token is padding.',
    request: {
      input: [-1.5, -0.5, -3, 0],
      target: [-1.2, -0.4, -2.1, 0],
      input_kind: 'sampled_log_probs',
      target_kind: 'sampled_log_probs',
      sampled_from: 'target',
      weights: [1, 1, 1, 0],
      divergences: ['k1', 'k3'],
      reduction: 'distribution_mean',
      statistics: [0.5],
    },
  },
  disjoint: {
    summary: 'No outcome in common',
    description: 'jensen_shannon is ln 2 and total_variation 1: neither is infinite, so there is no warning.',
    request: {
      input: [0, 1],
      target: [1, 0],
      input_kind: 'probs',
      target_kind: 'probs',
      divergences: ['jensen_shannon', 'total_variation'],
      reduction: 'sum',
    },
  },
} as const satisfies Requests;

const batch = {
  two_requests: {
    summary: 'Two windows against one reference',
    description: 'The reference stands in defaults.',
    request: {
      defaults: {
        target: [200, 250, 550],
        input_kind: 'counts',
        target_kind: 'counts',
        divergences: ['jeffreys', 'jensen_shannon'],
        reduction: 'sum',
      },
      items: [
        { id: 'monday', input: [120, 300, 580] },
        { id: 'tuesday', input: [210, 240, 550] },
      ],
    },
  },
} as const satisfies Requests;

/** Requests in the form of OpenAPI, and their answers, which are computed and so never out of date. */
function examplesOf(of: Requests, task: 'divergences_json' | 'divergences_batch', path: string) {
  const map = (shown: (request: object) => unknown) =>
    Object.fromEntries(
      Object.entries(of).map(([name, { summary, description, request }]) => [name, { summary, description, value: shown(request) }]),
    );
  return {
    requests: () => map((request) => request),
    answers: () => map((request) => JSON.parse(answerTo({ task, path, body: JSON.stringify(request) }))),
  };
}

export const divergencesExamples = examplesOf(requests, 'divergences_json', '/v1/divergences');

export const divergencesBatchExamples = examplesOf(batch, 'divergences_batch', '/v1/divergences/batch');
