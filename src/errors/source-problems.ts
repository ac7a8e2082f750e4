/** Problems of tensors that stand elsewhere. */
export const sourceProblems = {
  SOURCE_NOT_ALLOWED: {
    status: 403,
    title: 'Source that is not there, or not allowed',
    remedy:
      'Check the URI. The operator lists in JOB_SOURCES what jobs may read, and in JOB_OUTPUTS where they may write; what is not allowed and what does not exist get the same answer.',
  },
  SOURCE_CHANGED: {
    status: 409,
    title: 'Source that changed while a job read it',
    remedy: 'Write a new object instead of overwriting one that a job reads, and submit the job again.',
  },
  SOURCE_NOT_READABLE: {
    status: 422,
    title: 'Source that holds no such tensor',
    remedy: 'Send what the detail says: safetensors, .npy in C order, or Parquet, from a server that answers ranges.',
  },
  DIM_NOT_CONTIGUOUS: {
    status: 422,
    title: 'Stored tensors whose distributions do not lie in one run of bytes',
    remedy: 'Store both tensors with the axes of a distribution last, as the detail shows, and leave dim out or send the last axes.',
  },
  SOURCE_UNREACHABLE: {
    status: 502,
    title: 'Source that cannot be reached',
    remedy: 'Submit the job again later. If it fails again, the store refuses the service: show the detail to its operator.',
  },
} as const;
