/** Problems of operands that are no tensors: lists of outcomes, samples, parameters of distributions. */
export const operandProblems = {
  DUPLICATE_OUTCOME: {
    status: 422,
    title: 'Outcome that is listed twice',
    remedy: 'List each outcome once. Add up the masses of outcomes that have one name, or list ids.',
  },
  UNKNOWN_OUTCOME: {
    status: 422,
    title: 'Outcome that the other side does not have',
    remedy: 'Beside a tensor an outcome is its index along dim, from 0 on. Send both sides as lists where they have different outcomes.',
  },
  MASS_ABOVE_ONE: {
    status: 422,
    title: 'List of outcomes with more mass than 1',
    remedy:
      'Under "rest": "bucket" the masses of a list are a part of a whole that is 1. Send probabilities of the whole distribution, or leave rest out.',
  },
  REPEATED_OBSERVATIONS: {
    status: 422,
    title: 'Observations that repeat',
    remedy:
      'Neighbours at a distance of 0 have no logarithm. Send a larger k, take repeated observations out, or compare the samples in bins, with "estimator": "bins".',
  },
  PARAMETER_OUT_OF_DOMAIN: {
    status: 422,
    title: 'Parameter outside of its domain',
    remedy: 'Send a number that the parameter may be, as the detail says. A scale is a standard deviation, not a variance or a logarithm.',
  },
  NOT_POSITIVE_DEFINITE: {
    status: 422,
    title: 'Matrix that is not symmetric positive definite',
    remedy:
      'Send a symmetric matrix whose Cholesky decomposition exists, or the lower triangular factor as scale_tril. Of fewer observations than coordinates no covariance matrix is positive definite: add a little to its diagonal.',
  },
} as const;
