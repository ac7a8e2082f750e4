/** Requests of jobs, in the form of OpenAPI. */
export const jobExamples = {
  two_models: {
    summary: 'Two models over a corpus',
    description:
      'Each side is a list of files, one behind the other. With `statistics` the answer has quantiles and the largest divergences.',
    value: {
      input: { uri: ['s3://logits/quantised-00000.safetensors', 's3://logits/quantised-00001.safetensors'], tensor: 'logits' },
      target: { uri: ['s3://logits/original-00000.safetensors', 's3://logits/original-00001.safetensors'], tensor: 'logits' },
      reduction: 'distribution_mean',
      statistics: true,
    },
  },
  weighted: {
    summary: 'Several divergences, weighted, each token to a file',
    description: 'Weights are a tensor too: 0 for a token that does not count. The divergence of each token goes to files below `output`.',
    value: {
      input: { uri: 's3://logits/quantised.npy' },
      target: { uri: 's3://logits/original.npy' },
      weights: { uri: 's3://logits/mask.npy' },
      divergences: ['kl', 'jensen_shannon'],
      temperature: 2,
      reduction: ['sum', 'distribution_mean'],
      output: { per_distribution: 's3://results/quantised-' },
    },
  },
  drift: {
    summary: 'Many pairs from columns of Parquet',
    description: 'Each pair of histograms has an answer by its `id`.',
    value: {
      items: [
        {
          id: 'age',
          input: { uri: 's3://logits/today.parquet', column: 'age' },
          target: { uri: 's3://logits/reference.parquet', column: 'age' },
        },
        {
          id: 'amount',
          input: { uri: 's3://logits/today.parquet', column: 'amount' },
          target: { uri: 's3://logits/reference.parquet', column: 'amount' },
        },
      ],
      divergences: ['jeffreys'],
      input_kind: 'counts',
      target_kind: 'counts',
      pseudocount: 0.5,
      reduction: 'sum',
    },
  },
};
