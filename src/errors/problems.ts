import { httpProblems } from './http-problems.ts';
import { jobProblems } from './job-problems.ts';
import { operandProblems } from './operand-problems.ts';
import { sourceProblems } from './source-problems.ts';

/** The catalogue of problems: one row per code, for mistakes of the caller and failures of the service. */
export const problems = {
  ...httpProblems,
  UNKNOWN_FIELD: {
    status: 422,
    title: 'Unknown field',
    remedy: 'Correct or remove the field. Unknown fields are refused, so that a misspelt option never means a default.',
  },
  INVALID_VALUE: { status: 422, title: 'Missing field or invalid value', remedy: 'The detail says what was expected; /docs has examples.' },
  RAGGED_TENSOR: {
    status: 422,
    title: 'Rows of different length or depth',
    remedy: 'Every list at the same depth must have the same length. Pad, or send one request per shape.',
  },
  NOT_A_NUMBER: {
    status: 422,
    title: 'Element that is not a number',
    remedy:
      'An element is a JSON number or, in logits and log_probs, the string "-Infinity". A null is often a NaN or an infinity that a serialiser could not write.',
  },
  NAN_ELEMENT: {
    status: 422,
    title: 'Element that is NaN',
    remedy:
      'No divergence follows from NaN. Find where it arose; it is usually an overflow, or 0/0 in a normalisation. Padding may be NaN where its weight is 0.',
  },
  INFINITE_ELEMENT: {
    status: 422,
    title: 'Infinite element',
    remedy: '-Infinity is allowed in logits and log_probs, where it is a mass of 0. Infinity is allowed nowhere.',
  },
  NUMBER_OVERFLOW: {
    status: 422,
    title: 'Number too large to compute with',
    remedy:
      'Numbers up to 1e270 are accepted, and log_probs up to 621 (a mass of 1e270), so that no sum of them leaves float64. Log-probabilities of samples are at most 0: if they are positive, the sign is wrong, or they are scores.',
  },
  NUMBER_UNDERFLOW: {
    status: 422,
    title: 'Number too small for float64',
    remedy: 'Send logarithms, as log_probs or logits: they hold masses far smaller. Or send 0 if the mass is meant to be none.',
  },
  NEGATIVE_MASS: {
    status: 422,
    title: 'Negative probability, count or weight',
    remedy: 'If the numbers are scores or logarithms, say so: input_kind and target_kind can be "logits" or "log_probs".',
  },
  ZERO_MASS: {
    status: 422,
    title: 'Distribution without mass',
    remedy:
      'Counts of a distribution must not all be 0, and logits must not all be -Infinity. Drop the distribution, give counts a `pseudocount`, or give it the weight 0.',
  },
  ZERO_WEIGHT: {
    status: 422,
    title: 'Weights whose sum is nearly 0',
    remedy: 'Give a distribution a weight, or ask for sum and tensors only.',
  },
  SHAPE_MISMATCH: {
    status: 422,
    title: 'Shapes that do not match',
    remedy: 'Send both with one shape: a broadcast would change what is divided by. Send weights with the shape of per_distribution.',
  },
  ...operandProblems,
  ...jobProblems,
  ...sourceProblems,
  DIM_OUT_OF_RANGE: { status: 422, title: 'Axis in dim out of range', remedy: 'For tensors of rank r, dim goes from -r to r - 1.' },
  DUPLICATE_DIM: { status: 422, title: 'Axis twice in dim', remedy: 'Name each axis once: 1 and -1 are the same axis of rank 2.' },
  EMPTY_TENSOR: { status: 422, title: 'Tensor without elements', remedy: 'Every axis must have at least one element.' },
  SCALAR_TENSOR: {
    status: 422,
    title: 'Tensor without axes',
    remedy: 'A distribution needs an axis to lie along: send at least a list of numbers.',
  },
  DATA_LENGTH_MISMATCH: {
    status: 422,
    title: 'Length of data other than shape',
    remedy: 'The length must be the product of shape, for bytes times the size of the dtype: 4 for float32, 8 for float64.',
  },
  INVALID_BASE64: {
    status: 422,
    title: 'Invalid base64',
    remedy: 'Use the standard alphabet (+ and /), with padding and without line breaks: base64.b64encode in Python.',
  },
  DEPTH_LIMIT: {
    status: 422,
    title: 'Body nested too deep',
    remedy: 'Reshape it: axes that are not in dim can be merged into one.',
  },
  STRICT_WARNINGS: {
    status: 422,
    title: 'Warnings under strict',
    remedy: 'See warnings. Ask only for reductions that mean what you want, correct the data, or leave strict out.',
  },
  QUOTA_EXCEEDED: {
    status: 429,
    title: 'Quota of elements used up',
    remedy: 'Wait for as many seconds as Retry-After says. The RateLimit header of every answer holds the rest of the quota.',
  },
  HEADERS_TOO_LARGE: { status: 431, title: 'Request line or headers too large', remedy: 'Send the tensors in the body.' },
  INTERNAL: { status: 500, title: 'Failure of this service', remedy: 'The service made the mistake. Report it with the request_id.' },
  WORKER_LOST: {
    status: 503,
    title: 'Loss of the computing thread',
    remedy: 'Send the request again: it had no effect. If that fails too, it takes more memory than this instance has: split the batch.',
  },
  OVERLOADED: {
    status: 503,
    title: 'Overload of this service',
    remedy: 'Send the request again after as many seconds as Retry-After says, or to another instance: it computed nothing.',
  },
  SHUTTING_DOWN: {
    status: 503,
    title: 'Shutdown of this instance',
    remedy: 'Send the request again: another instance takes it, or this one when it is back.',
  },
  AUTH_UNAVAILABLE: {
    status: 503,
    title: 'Tokens that cannot be checked now',
    remedy: 'Send the request again after Retry-After: the keys by which tokens are checked could not be fetched.',
  },
  DEADLINE_EXCEEDED: {
    status: 504,
    title: 'Response not ready in time',
    remedy: 'Allow more time, or send less: the time is counted from when the request came, and waiting for a thread is part of it.',
  },
} as const satisfies Record<string, { status: number; title: string; remedy: string }>;

export type ProblemCode = keyof typeof problems;

export const problemCodes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];
