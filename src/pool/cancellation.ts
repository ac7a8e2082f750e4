import { type RequestError, refuse } from '../errors/request-error.ts';
import { now } from '../tasks/clock.ts';
import { deadlineExceeded } from '../tasks/deadline.ts';

/** Whether anybody still waits for what is computed. */
export type Waiting = {
  /** Rejects when nobody does: the client is gone, or the deadline has passed. */
  readonly over: Promise<never>;
  /** Aborted when whoever computes has not seen that in time, and must be ended. */
  readonly kill: AbortSignal;
  /** Sets a deadline, in ms on the clock of all threads, where it is sooner than the one that holds; `pointer` is where it stands. */
  readonly until: (deadline: number, pointer?: string) => void;
  /** The answer is there. */
  readonly end: () => void;
};

/** A thread that computes for nobody sees it within these ms, or is replaced. */
const patience = 60;

const longestTimer = 2 ** 31 - 1;

/** @param abandon tells whoever computes that nobody waits any more */
export function waiting(gone: AbortSignal, abandon: () => void): Waiting {
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => {});
  const kill = new AbortController();
  let soonest = Number.POSITIVE_INFINITY;
  let alarm: NodeJS.Timeout | undefined;

  function leave(why: RequestError): void {
    abandon();
    over.reject(why);
    setTimeout(() => kill.abort(), patience).unref();
  }
  const onGone = () => leave(refuse('BAD_REQUEST', '#', 'the client went away'));
  if (gone.aborted) onGone();
  else gone.addEventListener('abort', onGone, { once: true });

  return {
    over: over.promise,
    kill: kill.signal,
    until: (deadline, pointer) => {
      if (deadline >= soonest) return;
      soonest = deadline;
      clearTimeout(alarm);
      const left = deadline - now();
      // a longer timer would fire at once
      if (left <= longestTimer) alarm = setTimeout(() => leave(deadlineExceeded(pointer)), Math.max(1, left));
    },
    end: () => {
      gone.removeEventListener('abort', onGone);
      clearTimeout(alarm);
    },
  };
}
