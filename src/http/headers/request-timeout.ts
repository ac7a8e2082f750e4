import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { now } from '../../tasks/clock.ts';

export const timeoutHeader = 'x-request-timeout';

/** Node fires a timer that is to wait longer than this many ms at once. */
const longestTimerMs = 2 ** 31 - 1;

/** From when a request came, and until when its answer is waited for, in ms on the clock of all threads. */
export type DeadlineSpan = { readonly received: number; readonly deadline: number };

/**
 * How long a request is worked on: for as many ms as its `X-Request-Timeout` says, but no longer than `longest`. It
 * counts from when the request came: what hooks took is a part of it.
 * @throws RequestError BAD_REQUEST
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
    throw refuse('BAD_REQUEST', '#', `X-Request-Timeout is a number of milliseconds above 0, got ${quote(String(wanted))}`);
  }
  return { received, deadline: received + Math.min(Number(wanted), longest) };
}

/** Calls back when a deadline is over, however far it is. What it returns ends the wait. */
export function onDeadline(deadline: number, callback: () => void): () => void {
  let alarm: NodeJS.Timeout;
  const wait = () => {
    const left = deadline - now();
    alarm = left > longestTimerMs ? setTimeout(wait, longestTimerMs) : setTimeout(callback, Math.max(1, left));
  };
  wait();
  return () => clearTimeout(alarm);
}
