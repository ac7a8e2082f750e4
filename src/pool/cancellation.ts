import { type RequestError, refuse } from '../errors/request-error.ts';
import { now } from '../tasks/clock.ts';
import { deadlineExceeded } from '../tasks/deadline.ts';

/** Whether anybody still waits for what is computed. */
export type Cancellation = {
  /** Rejects when nobody does: the client is gone, or the deadline has passed. */
  readonly cancelled: Promise<never>;
  /** Aborted when whoever computes has not seen that in time, and must be ended. */
  readonly terminate: AbortSignal;
  /** Sets a deadline, in ms on the clock of all threads, where it is sooner than the one that holds; `pointer` is where it stands. */
  readonly setDeadline: (deadline: number, pointer?: string) => void;
  /** The answer is there. */
  readonly end: () => void;
};

/** A thread that computes for nobody sees it within these ms, or is replaced. */
const cancelGraceMs = 60;

const maxTimerMs = 2 ** 31 - 1;

/** @param cancel tells whoever computes that nobody waits any more */
export function createCancellation(gone: AbortSignal, cancel: () => void): Cancellation {
  const cancelled = Promise.withResolvers<never>();
  cancelled.promise.catch(() => {});
  const terminate = new AbortController();
  let soonest = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function cancelWith(why: RequestError): void {
    cancel();
    cancelled.reject(why);
    setTimeout(() => terminate.abort(), cancelGraceMs).unref();
  }
  const onGone = () => cancelWith(refuse('BAD_REQUEST', '#', 'the client went away'));
  if (gone.aborted) onGone();
  else gone.addEventListener('abort', onGone, { once: true });

  return {
    cancelled: cancelled.promise,
    terminate: terminate.signal,
    setDeadline: (deadline, pointer) => {
      if (deadline >= soonest) return;
      soonest = deadline;
      clearTimeout(timer);
      const left = deadline - now();
      // a longer timer would fire at once
      if (left <= maxTimerMs) timer = setTimeout(() => cancelWith(deadlineExceeded(pointer)), Math.max(1, left));
    },
    end: () => {
      gone.removeEventListener('abort', onGone);
      clearTimeout(timer);
    },
  };
}
