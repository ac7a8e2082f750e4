import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { now } from '../../tasks/deadline.ts';

export const timeoutHeader = 'x-request-timeout';

/** When a request arrived and when its answer is due, in ms on the clock of all threads. */
type DeadlineSpan = { readonly received: number; readonly deadline: number };

/**
 * Returns the time span of a request: the ms of its `X-Request-Timeout`, but at most `maxMs`. It starts when the request arrives, so
 * the time of hooks counts.
 * @throws RequestError BAD_REQUEST if the header is not a number of milliseconds above 0
 */
export function spanOf(
  { headers }: Pick<FastifyRequest, 'headers'>,
  { elapsedTime }: Pick<FastifyReply, 'elapsedTime'>,
  maxMs: number,
): DeadlineSpan {
  const received = now() - elapsedTime;
  const wanted = headers[timeoutHeader];
  if (wanted === undefined) return { received, deadline: received + maxMs };
  // a number as JSON spells it, as its schema says
  if (!/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(String(wanted)) || Number(wanted) === 0) {
    throw refuse('BAD_REQUEST', '#', `expected X-Request-Timeout to be a number of milliseconds above 0, got ${quote(String(wanted))}`);
  }
  return { received, deadline: received + Math.min(Number(wanted), maxMs) };
}
