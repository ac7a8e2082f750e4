/** Requests with parameters of distributions. */
export const closedFormExamples = {
  vae: {
    summary: 'KL of a VAE',
    description: 'Normal distributions by their parameters: the latents of two examples against a standard normal distribution.',
    status: 200,
    request: {
      target_kind: 'normal',
      input_kind: 'normal',
      target: {
        loc: [
          [0.5, -1, 2],
          [0, 2, 1],
        ],
        log_variance: [
          [0, 0.1, -2],
          [1, -1, 0.5],
        ],
      },
      input: { loc: 0, scale: 1 },
      reduction: ['none', 'per_distribution', 'distribution_mean'],
    },
  },
  multivariate_normal: {
    summary: 'Multivariate normal distributions',
    description: 'By a mean and a covariance matrix, against one by the Cholesky factor of its covariance matrix.',
    status: 200,
    request: {
      target_kind: 'multivariate_normal',
      input_kind: 'multivariate_normal',
      target: {
        loc: [0.5, -1],
        covariance_matrix: [
          [2, 0.5],
          [0.5, 1],
        ],
      },
      input: {
        loc: 0,
        scale_tril: [
          [1, 0],
          [0.2, 1],
        ],
      },
      reduction: 'sum',
    },
  },
} as const;
