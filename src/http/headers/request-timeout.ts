import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { now } from '../../tasks/clock.ts';

export const timeoutHeader = 'x-request-timeout';

/** Node fires a timer at once if its delay is longer than this many ms. */
const longestTimerMs = 2 ** 31 - 1;

/** When a request arrived and when its answer is due, in ms on the clock of all threads. */
export type DeadlineSpan = { readonly received: number; readonly deadline: number };

/**
 * Returns the time span of a request: the ms of its `X-Request-Timeout`, but at most `longest` ms. It starts when the request arrives, so
 * the time of hooks counts.
 * @throws RequestError BAD_REQUEST if the header is not a number of milliseconds above 0
 */
export function spanOf(
  { headers }: Pick<FastifyRequest, 'headers'>,
  { elapsedTime }: Pick<FastifyReply, 'elapsedTime'>,
  longest: number,
): DeadlineSpan {
  const received = now() - elapsedTime;
  const wanted = headers[timeoutHeader];
  if (wanted === undefined) return { received, deadline: received + longest };
  if (!/^\d{1,15}(\.\d{1,15})?$/.test(String(wanted)) || Number(wanted) === 0) {
    throw refuse('BAD_REQUEST', '#', `expected X-Request-Timeout to be a number of milliseconds above 0, got ${quote(String(wanted))}`);
  }
  return { received, deadline: received + Math.min(Number(wanted), longest) };
}

/** Calls back when a deadline has passed, also one beyond the longest timer. Returns a function that cancels the callback. */
export function onDeadline(deadline: number, callback: () => void): () => void {
  let alarm: NodeJS.Timeout;
  const wait = () => {
    const left = deadline - now();
    alarm = left > longestTimerMs ? setTimeout(wait, longestTimerMs) : setTimeout(callback, Math.max(1, left));
  };
  wait();
  return () => clearTimeout(alarm);
}
