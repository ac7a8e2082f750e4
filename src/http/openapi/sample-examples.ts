/** Examples of requests about samples and counts, and about what sampling makes of them. */
export const sampleExamples = {
  pseudocount: {
    summary: 'Counts with an empty bin',
    description: 'Half a count is added to every bin of both sides, so that no bin is without mass.',
    status: 200,
    request: { input: [4, 3, 2, 0], target: [5, 3, 2, 1], input_kind: 'counts', target_kind: 'counts', pseudocount: 0.5, reduction: 'sum' },
  },
  samples: {
    summary: 'Observations of two weeks',
    description:
      'Raw numbers, which the service counts in bins that both sides share: here ten bins of equal width. sampling says what chance alone makes of the divergence.',
    status: 200,
    request: {
      input: [52, 48, 61, 55, 47, 66, 58, 50, 43, 59, 62, 49, 57, 53, 64, 56],
      target: [41, 45, 39, 52, 44, 47, 50, 36, 43, 48, 46, 42, 49, 40, 45, 51, 44, 38, 53, 47],
      input_kind: 'samples',
      target_kind: 'samples',
      bins: 10,
      pseudocount: 0.5,
      reduction: 'sum',
    },
  },
  categories: {
    summary: 'Samples that are text',
    description: 'Samples that are text are counted by name. Missing ones are an outcome of their own.',
    status: 200,
    request: {
      input: ['card', 'cash', 'card', null, 'card', 'transfer'],
      target: ['cash', 'card', 'cash', 'card', 'transfer', 'cash', null],
      input_kind: 'samples',
      target_kind: 'samples',
      missing: 'category',
      reduction: 'sum',
    },
  },
  sampling: {
    summary: 'Is it more than chance?',
    description: 'Whole counts with the p-value of a G-test, what chance makes of the divergence, and a confidence interval.',
    status: 200,
    request: {
      input: [310, 290, 240, 160],
      target: [250, 250, 250, 250],
      input_kind: 'counts',
      target_kind: 'counts',
      confidence: 0.95,
      seed: 7,
      reduction: 'sum',
    },
  },
  neighbors: {
    summary: 'Points in the plane, by their neighbours',
    description:
      'Continuous samples of two dimensions, compared by the distance to the second neighbour. Such an estimate may be negative.',
    status: 200,
    request: {
      input: [
        [0.1, 0.2],
        [0.9, 0.4],
        [0.5, 0.8],
        [0.3, 0.6],
        [0.7, 0.1],
      ],
      target: [
        [0.2, 0.3],
        [0.4, 0.5],
        [0.6, 0.55],
        [0.35, 0.7],
      ],
      input_kind: 'samples',
      target_kind: 'samples',
      estimator: 'knn',
      k: 2,
      reduction: 'sum',
    },
  },
} as const;
