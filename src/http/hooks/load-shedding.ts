import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problemBody, problemMediaType } from '../../errors/problem-details.ts';
import { refuse } from '../../errors/request-error.ts';
import { lingerAfterReply } from '../connection/lingering-close.ts';
import { onceClosed } from '../connection/on-close.ts';
import { socketBytes } from '../connection/socket-bytes.ts';
import { pathOf } from '../headers/request-path.ts';
import { inferenceErrorBody, isInference } from './inference-error.ts';
import type { Watch } from './request-log.ts';
import { findAmbiguity } from './request-smuggling.ts';
import { answerHeaders } from './security-headers.ts';

/** Milliseconds between two lines of the log about requests that were shed. */
const logIntervalMs = 1_000;

/**
 * Refuses what is to be computed while the event loop `isLate`, before anything else is done about it: a refusal that costs as much as an
 * answer would make the service later still. So the log has a line a second for all of them.
 */
export function registerShedding(
  app: FastifyInstance,
  isLate: () => boolean,
  { drain, metrics }: Pick<Watch, 'drain' | 'metrics'>,
  origins: readonly string[] | undefined,
): void {
  let shed = 0;

  /** Without it, a browser would keep the answer from its page. */
  function forPage({ headers: { origin } }: FastifyRequest): Record<string, string> {
    if (origin === undefined || !(origins?.includes(origin) || origins?.includes('*'))) return {};
    return { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'Retry-After', vary: 'Origin' };
  }

  function tell(): void {
    app.log.warn({ problem: 'OVERLOADED', reason: 'event_loop', requests: shed }, 'requests refused: more come than can be answered');
    shed = 0;
  }

  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'POST' || !isLate() || findAmbiguity(request) !== undefined) return done();
    if (shed === 0) setTimeout(tell, logIntervalMs).unref();
    shed++;
    const refused = refuse('OVERLOADED', '#', 'more requests come than can be answered; try again in 1 s');
    const problem = problemBody(refused, { path: pathOf(request), requestId: request.id });
    const isV2 = isInference(request);
    const text = JSON.stringify(isV2 ? inferenceErrorBody(problem) : problem);
    // before the head is written: while the process is leaving, it closes the connection
    drain.enter(reply.raw);
    onceClosed(reply.raw, () => drain.leave(reply.raw));
    metrics.entered();
    metrics.problem(refused.code);
    metrics.refusal('event_loop');
    lingerAfterReply(request.raw, reply.raw);
    reply.hijack();
    reply.raw.writeHead(problem.status, {
      ...answerHeaders,
      ...forPage(request),
      'x-request-id': request.id,
      'retry-after': '1',
      'content-type': isV2 ? 'application/json' : problemMediaType,
      'content-length': Buffer.byteLength(text),
    });
    reply.raw.end(text);
    const { url = 'unmatched' } = request.routeOptions;
    metrics.left({ method: 'POST', route: url, status: 503, seconds: reply.elapsedTime / 1000, ...socketBytes(request.raw.socket) });
  });
}
