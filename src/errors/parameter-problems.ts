/** Problems with the parameters of distributions. */
export const parameterProblems = {
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
