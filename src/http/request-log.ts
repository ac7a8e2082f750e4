import { randomUUID } from 'node:crypto';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { ProblemCode } from '../errors.ts';
import { pathOf } from './path.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyRequest {
    /** What the log tells of an answer: its size and its warnings, never its numbers. */
    computed: { readonly elements: number; readonly warnings: readonly string[] } | undefined;
    problem: ProblemCode | undefined;
  }
}

/** One line a request, when it has been answered, in place of Fastify's two. */
class OneLine extends LogController {
  constructor() {
    super({ disableRequestLogging: true, requestIdLogLabel: 'request_id' });
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = {
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
      ...request.computed,
      ...(request.problem === undefined ? {} : { problem: request.problem }),
    };
    request.log.info(line, error ? 'request answered, but the client had gone' : 'request answered');
  }
}

export const requestLog = new OneLine();

/** Gives every request room for what the log tells of it, and every answer its request id. */
export function registerRequestFacts(app: FastifyInstance): void {
  app.decorateRequest('computed', undefined);
  app.decorateRequest('problem', undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
}

/** The caller's X-Request-Id where it is fit for a log, else a new one. */
export function requestId({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
