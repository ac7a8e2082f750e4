import { type RequestError, refuse } from '../errors/request-error.ts';

/**
 * Milliseconds on a clock that all threads read alike: `performance` begins anew in each, and by the clock on the wall, which may be set.
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Node fires a longer timer at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The pointer to the timeout of a request in the Open Inference Protocol. */
export const timeoutPointer = '#/parameters/timeout';

/** @param pointer where the request states its deadline; `#` for a header */
export function deadlineExceeded(pointer = '#'): RequestError {
  return refuse('DEADLINE_EXCEEDED', pointer, 'the answer was not ready within the time that the request allows');
}

/** Calls back when a deadline has passed, also one beyond the longest timer. Returns a function that cancels the callback. */
export function onDeadline(deadline: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = deadline - now();
    timer = left > maxTimerMs ? setTimeout(wait, maxTimerMs) : setTimeout(callback, Math.max(1, left));
  };
  wait();
  return () => clearTimeout(timer);
}
