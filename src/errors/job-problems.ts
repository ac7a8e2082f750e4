/** Problems of jobs over stored tensors. */
export const jobProblems = {
  JOBS_DISABLED: {
    status: 404,
    title: 'Jobs that are turned off',
    remedy: 'Send the tensors in the body of POST /v1/kl-divergence or /v1/divergences, or set JOB_SOURCES where you run the service.',
  },
  JOB_NOT_FOUND: {
    status: 404,
    title: 'Unknown job',
    remedy: 'Check the id and the credentials: a client finds its own jobs only, and a job is forgotten some time after its end.',
  },
  JOB_NOT_OVER: {
    status: 409,
    title: 'Job that is not over',
    remedy: 'Cancel the job with POST …/cancel, wait until it is over, and delete it then.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency-Key of another request',
    remedy: 'Send another Idempotency-Key, or the request that had this one, unchanged.',
  },
  JOBS_UNAVAILABLE: {
    status: 503,
    title: 'Queue of jobs out of reach',
    remedy: 'Send the request again after the seconds in Retry-After; with an Idempotency-Key it stays one job.',
  },
} as const;
