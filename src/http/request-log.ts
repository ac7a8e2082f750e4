import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Tally } from '../compute/work.ts';
import type { ProblemCode } from '../problems.ts';
import type { Drain } from './drain.ts';
import { pathOf } from './path.ts';
import { wasUnread } from './slow-readers.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyRequest {
    /** What the log tells of an answer: its size, its warnings and how many requests it answers, never its numbers. */
    computed: ({ readonly elements: number; readonly warnings: readonly string[] } & Partial<Tally>) | undefined;
    problem: ProblemCode | undefined;
  }
}

/** Fastify's own two lines a request are left out; `registerRequestLog` writes one. */
export const logController = new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' });

/** One line a request, when it is over, and its id on the answer; the drain knows it meanwhile. */
export function registerRequestLog(app: FastifyInstance, drain: Drain): void {
  app.decorateRequest('computed', undefined);
  app.decorateRequest('problem', undefined);
  app.addHook('onRequest', (request, reply, done) => {
    followRequest(request, reply, drain);
    done();
  });
}

/** For a request that passes no hooks, too: on close, because a client that goes away ends its request as well. */
export function followRequest(request: FastifyRequest, reply: FastifyReply, drain: Drain): void {
  reply.header('x-request-id', request.id);
  drain.enter(reply.raw);
  reply.raw.once('close', () => {
    drain.leave(reply.raw);
    const line = {
      request_id: request.id,
      method: request.method,
      path: pathOf(request),
      ...(request.client === undefined ? {} : { client: request.client }),
      // 499 as in nginx: nobody was left to be told a status
      status: reply.raw.headersSent ? reply.statusCode : 499,
      duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
      ...request.computed,
      ...(request.problem === undefined ? {} : { problem: request.problem }),
    };
    request.log.info(line, endOf(reply.raw));
  });
}

function endOf(response: ServerResponse): string {
  if (response.writableFinished) return 'request answered';
  return wasUnread(response) ? 'the client did not read its answer' : 'the client went away';
}

/** The caller's X-Request-Id where it is fit for a log, else a new one. */
export function requestId({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
