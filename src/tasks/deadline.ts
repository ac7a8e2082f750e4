import { type RequestError, refuse } from '../errors/request-error.ts';

/** Where a request in the Open Inference Protocol says how long it waits. */
export const timeoutPointer = '#/parameters/timeout';

export function deadlineExceeded(pointer = '#'): RequestError {
  return refuse('DEADLINE_EXCEEDED', pointer, 'the time that the request allows was over before its answer was ready');
}
