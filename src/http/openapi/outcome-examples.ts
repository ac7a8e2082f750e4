/** Requests whose operands are lists of outcomes. */
export const outcomeExamples = {
  outcomes: {
    summary: 'Categories by name',
    description:
      'Each side lists its outcomes, and what it does not list has mass 0. The answer names the outcome that makes the divergence infinite.',
    status: 200,
    request: {
      input: { outcomes: ['card', 'cash', 'transfer'], values: [400, 300, 250] },
      target: { outcomes: ['card', 'cash', 'crypto'], values: [500, 300, 50] },
      input_kind: 'counts',
      target_kind: 'counts',
      reduction: ['none', 'sum'],
    },
  },
  top_k: {
    summary: 'Top-k log-probabilities by token id',
    description: 'What both sides list is compared one by one, all else is one outcome: a lower bound. Lists may differ in length.',
    status: 200,
    request: {
      input: {
        outcomes: [
          [791, 32, 578],
          [6864, 220],
        ],
        values: [
          [-0.3, -1.9, -3.2],
          [-0.5, -1.4],
        ],
      },
      target: {
        outcomes: [
          [791, 32],
          [6864, 1938, 220],
        ],
        values: [
          [-0.2, -2.1],
          [-0.4, -2.5, -1.7],
        ],
      },
      input_kind: 'log_probs',
      target_kind: 'log_probs',
      rest: 'bucket',
      reduction: ['per_distribution', 'distribution_mean'],
    },
  },
} as const;
