/** Problems of requests that cannot be read, or not here: their HTTP, their format, their size. */
export const httpProblems = {
  INVALID_JSON: {
    status: 400,
    title: 'Body that is not valid JSON',
    remedy:
      'Send one JSON object in UTF-8. NaN and Infinity are not JSON, and no element may be either; a mass of 0 in logits and log_probs is the string "-Infinity".',
  },
  INVALID_SAFETENSORS: {
    status: 400,
    title: 'Invalid safetensors body',
    remedy: 'Send the bytes of safetensors.numpy.save({"input": q, "target": p}), whole and unchanged, or send JSON.',
  },
  BAD_REQUEST: {
    status: 400,
    title: 'Invalid HTTP request',
    remedy: 'Check the request line, the headers and Content-Length, or leave them to an HTTP library.',
  },
  INVALID_BINARY_TENSORS: {
    status: 400,
    title: 'Binary tensors that contradict their JSON',
    remedy:
      'Inference-Header-Content-Length is the length of the uncompressed JSON. After it come binary_data_size bytes for each input, in order.',
  },
  INVALID_COMPRESSION: {
    status: 400,
    title: 'Body that cannot be decompressed',
    remedy: 'Content-Encoding must name the compression of the body once: gzip, deflate, br or zstd.',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'Missing or unknown credentials',
    remedy: 'Send Authorization: Bearer, or X-API-Key, with a key or a token from the operator of this service.',
  },
  NOT_FOUND: { status: 404, title: 'Unknown path', remedy: 'See /docs for the paths that exist.' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed at this path', remedy: 'Use a method that the Allow header names.' },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request not received in time',
    remedy: 'Send the whole request without pauses, and again if the connection was slow.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Body above the size limit',
    remedy: 'Send fewer elements, or send them as base64, or raise BODY_LIMIT_BYTES where you run the service.',
  },
  BODY_TOO_COMPLEX: {
    status: 413,
    title: 'JSON body with too many parts',
    remedy:
      'Plain rows of numbers have no such limit: look for an element that is no number, such as a null or a text, or is out of bounds. Or send the tensors as base64 or safetensors, or a batch in several parts.',
  },
  TOO_MANY_ELEMENTS: {
    status: 413,
    title: 'Tensor with too many elements',
    remedy:
      'Split the batch: distributions are independent of each other. Or raise MAX_ELEMENTS where you run the service; explain has a limit of its own.',
  },
  ANSWER_TOO_LARGE: { status: 413, title: 'Answer above the memory limit', remedy: 'Do as the detail says, or raise BYTES_IN_FLIGHT.' },
  TOO_MANY_ITEMS: {
    status: 413,
    title: 'Batch with too many requests',
    remedy: 'Send several batches, or send the requests as lines of application/x-ndjson, of which there may be any number.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type of the body',
    remedy:
      'Send Content-Type: application/json in UTF-8, or another type that the detail names; Content-Encoding, where there is one, is gzip, deflate, br or zstd.',
  },
  EXPECTATION_FAILED: {
    status: 417,
    title: 'Unsupported expectation',
    remedy: 'Leave the header Expect out, or send Expect: 100-continue.',
  },
} as const;
