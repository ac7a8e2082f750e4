import type { ProblemCode } from '../src/errors/problems.ts';

/** When each problem occurs, for docs/errors.md. The type makes a new code without its sentence a compile error. */
export const occasions: Readonly<Record<ProblemCode, string>> = {
  INVALID_JSON: 'The body is not JSON in UTF-8, or an object in it has a name twice. Bare `NaN` and `Infinity` are not JSON.',
  INVALID_SAFETENSORS: 'The body is not in the safetensors format: its header is broken, or its bytes do not match the header.',
  BAD_REQUEST:
    'The request is not valid HTTP/1.1 or HTTP/1.0, two servers could read it differently, as with two `Host` headers, its `X-Request-Timeout` is no number, or its body was cut short.',
  INVALID_BINARY_TENSORS: 'Under `/v2`, the bytes behind the JSON do not match what the JSON describes.',
  INVALID_COMPRESSION:
    'The body is not compressed as `Content-Encoding` says, it was cut short, or other bytes follow the compressed ones.',
  UNAUTHENTICATED: 'The request has no credential, or one that is not accepted.',
  NOT_FOUND: 'No route has this path.',
  METHOD_NOT_ALLOWED: 'The path exists, but not for this method. The `Allow` header lists the methods.',
  REQUEST_TIMEOUT:
    'The request did not arrive whole within the limits for its headers and body. Or its body, or a stream, paused while another request needed its memory or its place.',
  BODY_TOO_LARGE: 'The body, or a line of a stream, is longer than `BODY_LIMIT_BYTES`, or the body of a job is longer than 4 MiB.',
  BODY_TOO_COMPLEX:
    'The body is more than plain rows of numbers, and it has more than 2 097 152 lists and objects, or more than 65 536 fields, or it would ' +
    'take more than `WORKER_HEAP_MB` to parse.',
  ANSWER_TOO_LARGE: 'The answer, with what it takes to compute it, may take more than 512 MiB, or more than `BYTES_IN_FLIGHT`.',
  TOO_MANY_ELEMENTS:
    'A tensor, or all uses of a shared tensor of a batch together, has more elements than `MAX_ELEMENTS`, or than the 10 000 that `/explain` takes. ' +
    'Or a request with `confidence` has more than 5000 outcomes times divergences, or a distribution of a job more than 2 097 152 outcomes.',
  TOO_MANY_ITEMS: 'A batch has more than 1000 requests. A stream has no such limit.',
  UNSUPPORTED_MEDIA_TYPE: 'The endpoint does not read the format or the `Content-Encoding` of the body.',
  EXPECTATION_FAILED: 'The header `Expect` asks for something other than `100-continue`.',
  UNKNOWN_FIELD: 'A field does not exist. The detail suggests the closest known name.',
  INVALID_VALUE: 'A field is missing, or its value is not allowed.',
  RAGGED_TENSOR: 'Rows of a nested tensor differ in length or depth.',
  NOT_A_NUMBER: 'An element is not a number. Often it is a `null` that a serializer wrote for NaN.',
  NAN_ELEMENT: 'An element is NaN.',
  INFINITE_ELEMENT: 'An element is +∞, or it is −∞ in `probs` or `counts`.',
  NUMBER_OVERFLOW:
    'A number is beyond float64 or above 1e270, a log-probability is above 621, or one of `sampled_log_probs` is above 1e-4 or below -1e270.',
  NUMBER_UNDERFLOW: 'A number in JSON is not 0, but so small that float64 reads it as 0.',
  NEGATIVE_MASS: 'A probability, a count or a weight is negative.',
  PARAMETER_OUT_OF_DOMAIN: 'A parameter of a distribution is a number that it cannot be, as a `scale` of 0 is.',
  NOT_POSITIVE_DEFINITE:
    'A `covariance_matrix` or `precision_matrix` is not symmetric or not positive definite, or a `scale_tril` is not lower triangular with a positive diagonal.',
  ZERO_MASS: 'Along `dim`, all `counts` are 0 or all `logits` are −∞.',
  ZERO_WEIGHT: 'All `weights` are 0, or their sum is below 1e-250, and the request asks for an average.',
  SHAPE_MISMATCH: '`input` and `target` differ in shape, or `weights` has not the shape of `per_distribution`.',
  DUPLICATE_OUTCOME:
    'A list has the same name or id twice in a row. An entry of padding, and one without mass among logarithms, does not count.',
  UNKNOWN_OUTCOME: 'A list stands beside a tensor, and one of its ids is no index along `dim`.',
  REPEATED_OBSERVATIONS: 'With `"estimator": "knn"`, a point stands where k or more other observations of a side stand.',
  MASS_ABOVE_ONE:
    'The masses of a list sum to more than 1 + 1e-6 under `"rest": "bucket"`. The pointer leads to the outcome that exceeds it.',
  SOURCE_NOT_ALLOWED:
    'A job names a source that does not exist, that no prefix of `JOB_SOURCES` allows this client, or that is no file; or an output that no prefix of `JOB_OUTPUTS` allows.',
  SOURCE_CHANGED: 'A source has another `ETag`, version, size or time of change than when the job was submitted.',
  SOURCE_NOT_READABLE:
    'A source is not in a format that is read, it does not hold the tensor or the column, or its server does not answer ranges.',
  SOURCE_UNREACHABLE:
    'The server of a source refuses the connection or the credentials, fails each time that it is asked again, or has an address that `JOB_PRIVATE_NETWORKS` does not allow.',
  DIM_NOT_CONTIGUOUS: 'The axes of `dim` are not the last of stored tensors, so that a distribution is not one run of bytes.',
  DIM_OUT_OF_RANGE: '`dim` names an axis that the tensors do not have.',
  DUPLICATE_DIM: '`dim` names an axis twice.',
  EMPTY_TENSOR: 'An axis of a tensor has size 0.',
  SCALAR_TENSOR: 'A tensor has no axes.',
  DATA_LENGTH_MISMATCH: '`data`, `base64` or `data_offsets` does not hold as many elements as `shape` requires.',
  INVALID_BASE64: '`base64` is not standard padded base64.',
  DEPTH_LIMIT: 'A tensor has more than 32 axes, or a body of 64 KiB or more is nested deeper than 64 levels.',
  STRICT_WARNINGS:
    '`strict` is true and the response would carry warnings of severity `warning` about what the request asks for. The problem lists them as `warnings`.',
  QUOTA_EXCEEDED: 'The client has used its quota of elements for this window, or its requests in flight may use the rest of it.',
  HEADERS_TOO_LARGE: 'The request line and the headers exceed 16 KiB.',
  INTERNAL: 'The service failed.',
  WORKER_LOST: 'The worker thread that computed the request ended before it was done.',
  OVERLOADED: 'The service cannot answer the request in time now. It computed nothing.',
  SHUTTING_DOWN: 'The instance is shutting down: it does not start a stream, or it has ended one.',
  AUTH_UNAVAILABLE: 'The service cannot fetch the keys that verify tokens.',
  DEADLINE_EXCEEDED:
    'The response was not ready within `X-Request-Timeout`, `REQUEST_TIMEOUT_MS`, or the `timeout` of a request under `/v2`.',
  JOBS_DISABLED: 'The instance runs no jobs, since `JOB_SOURCES` is not set or `JOBS` is `off`.',
  JOB_NOT_FOUND:
    "The client has no job of this id: it is another client's, it was deleted, or it is forgotten after `JOB_RETENTION_SECONDS`.",
  JOB_NOT_OVER: 'A job that is to be deleted still waits or runs.',
  IDEMPOTENCY_KEY_REUSED: 'The client has sent another request with this `Idempotency-Key`.',
  JOBS_UNAVAILABLE: 'Redis, or the file of jobs, cannot be reached.',
};
