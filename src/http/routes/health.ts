import type { FastifyInstance } from 'fastify';
import { health } from '../../schema/info.ts';
import type { Drain } from '../connection/drain.ts';
import { problemResponse } from '../openapi/problem-responses.ts';

/** Liveness never depends on load or draining; readiness ends when the process is leaving. */
export function registerHealth(app: FastifyInstance, drain: Drain): void {
  const content = { 'application/json': { schema: health } };
  app.route({
    method: 'GET',
    url: '/livez',
    config: { public: true, quiet: true },
    schema: {
      security: [],
      operationId: 'live',
      tags: ['Service'],
      summary: 'Whether the process is alive',
      response: { 200: { description: 'It is.', content }, 405: problemResponse('Only GET is answered here.') },
    },
    handler: async () => ({ status: 'live' }),
  });
  app.route({
    method: 'GET',
    url: '/readyz',
    config: { public: true, quiet: true },
    schema: {
      security: [],
      operationId: 'ready',
      tags: ['Service'],
      summary: 'Whether to send requests here',
      response: {
        200: { description: 'Send them.', content },
        405: problemResponse('Only GET is answered here.'),
        503: { description: 'The process is shutting down; send them elsewhere.', content },
      },
    },
    handler: async (_request, reply) => {
      if (drain.draining) reply.code(503);
      return { status: drain.draining ? 'draining' : 'ready' };
    },
  });
}
