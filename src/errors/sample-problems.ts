/** Problems of samples. */
export const sampleProblems = {
  REPEATED_OBSERVATIONS: {
    status: 422,
    title: 'Observations that repeat',
    remedy:
      'Neighbours at a distance of 0 have no logarithm. Send a larger k, take repeated observations out, or compare the samples in bins, with "estimator": "bins".',
  },
} as const;
