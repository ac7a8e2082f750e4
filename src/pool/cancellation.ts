import { type RequestError, refuse } from '../errors/request-error.ts';
import { deadlineExceeded, onDeadline } from '../tasks/deadline.ts';

/** The cancellation of one computation. */
type Cancellation = {
  /** Rejects when the client disconnects or the deadline passes. */
  readonly cancelled: Promise<never>;
  /** Aborts when the worker ignores the cancellation for `cancelGraceMs`: the pool must then end its thread. */
  readonly terminate: AbortSignal;
  /** Sets a deadline, in ms on the clock of all threads, if it is sooner than the current one. `pointer` locates it in the request. */
  readonly setDeadline: (deadline: number, pointer?: string) => void;
  /** Stops the timer and the listener once the answer is ready. */
  readonly end: () => void;
};

/** A worker must stop within this time after a cancellation, or the pool replaces its thread. */
const cancelGraceMs = 60;

/** @param cancel tells the worker to stop */
export function createCancellation(gone: AbortSignal, cancel: () => void): Cancellation {
  const cancelled = Promise.withResolvers<never>();
  cancelled.promise.catch(() => {});
  const terminate = new AbortController();
  let soonest = Number.POSITIVE_INFINITY;
  let stopTimer = () => {};

  function cancelWith(why: RequestError): void {
    cancel();
    cancelled.reject(why);
    setTimeout(() => terminate.abort(), cancelGraceMs).unref();
  }
  const onGone = () => cancelWith(refuse('BAD_REQUEST', '#', 'the client disconnected'));
  if (gone.aborted) onGone();
  else gone.addEventListener('abort', onGone, { once: true });

  return {
    cancelled: cancelled.promise,
    terminate: terminate.signal,
    setDeadline: (deadline, pointer) => {
      if (deadline >= soonest) return;
      soonest = deadline;
      stopTimer();
      stopTimer = deadline === Number.POSITIVE_INFINITY ? () => {} : onDeadline(deadline, () => cancelWith(deadlineExceeded(pointer)));
    },
    end: () => {
      gone.removeEventListener('abort', onGone);
      stopTimer();
    },
  };
}
