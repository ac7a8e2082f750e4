import { type RequestError, refuse } from '../errors/request-error.ts';

/** The pointer to the timeout of a request in the Open Inference Protocol. */
export const timeoutPointer = '#/parameters/timeout';

/** @param pointer where the request states its deadline; `#` for a header */
export function deadlineExceeded(pointer = '#'): RequestError {
  return refuse('DEADLINE_EXCEEDED', pointer, 'the answer was not ready within the time that the request allows');
}
