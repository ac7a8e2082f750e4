import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problemBody, problemMediaType } from '../../errors/problem-details.ts';
import { overloaded } from '../../errors/request-error.ts';
import { lingerAfterReply } from '../connection/lingering-close.ts';
import { onceClosed } from '../connection/on-close.ts';
import { pauseReading } from '../connection/pause-reading.ts';
import { socketBytes } from '../connection/socket-bytes.ts';
import { pathOf } from '../headers/request-path.ts';
import { inferenceErrorBody, isInference } from './inference-error.ts';
import type { Watch } from './request-log.ts';
import { findAmbiguity } from './request-smuggling.ts';
import { answerHeaders } from './security-headers.ts';

/** Milliseconds between two log lines about shed requests. */
const logIntervalMs = 1_000;

/**
 * Rejects POST requests while the service `isOverloaded`, before any other work on them: a rejection as expensive as an answer would delay
 * the event loop further. For the same reason all shed requests share one log line per second, and their connections are not read for a
 * while.
 */
export function registerShedding(
  app: FastifyInstance,
  isOverloaded: () => boolean,
  { drain, metrics }: Pick<Watch, 'drain' | 'metrics'>,
  origins: readonly string[] | undefined,
): void {
  let shed = 0;

  /** Returns the CORS headers, without which a browser hides the answer from its page. */
  function forPage({ headers: { origin } }: FastifyRequest): Record<string, string> {
    if (origin === undefined || !(origins?.includes(origin) || origins?.includes('*'))) return {};
    return { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'Retry-After, X-Request-Id', vary: 'Origin' };
  }

  function tell(): void {
    app.log.warn({ problem: 'OVERLOADED', reason: 'event_loop', requests: shed }, 'requests shed');
    shed = 0;
  }

  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'POST' || !isOverloaded() || findAmbiguity(request) !== undefined) return done();
    if (shed === 0) setTimeout(tell, logIntervalMs).unref();
    shed++;
    const refused = overloaded('event_loop', 'the service gets more requests than it can answer');
    const problem = problemBody(refused, { path: pathOf(request), requestId: request.id });
    const isV2 = isInference(request);
    const text = JSON.stringify(isV2 ? inferenceErrorBody(problem) : problem);
    // before the head is written: during shutdown, `enter` marks the connection to be closed
    const leave = drain.enter(reply.raw);
    onceClosed(reply.raw, () => pauseReading(request.raw, leave));
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
    // each write wakes a client, and many in a row cost less than one by one
    setImmediate(() => reply.raw.end(text));
    const { url = 'unmatched' } = request.routeOptions;
    metrics.left({ method: 'POST', route: url, status: 503, seconds: reply.elapsedTime / 1000, ...socketBytes(request.raw.socket) });
  });
}
