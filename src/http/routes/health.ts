import type { FastifyInstance } from 'fastify';
import { health } from '../../schema/info.ts';
import type { Drain } from '../connection/drain.ts';
import { problemResponse } from '../openapi/problem-responses.ts';

/** Registers liveness, which never depends on load or draining, and readiness, which ends when shutdown begins. */
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
      response: { 200: { description: 'The process is alive.', content }, 405: problemResponse('The path supports only GET.') },
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
        200: { description: 'The instance accepts requests.', content },
        405: problemResponse('The path supports only GET.'),
        503: { description: 'The process is shutting down; send requests to another instance.', content },
      },
    },
    handler: async (_request, reply) => {
      if (drain.draining) reply.code(503);
      return { status: drain.draining ? 'draining' : 'ready' };
    },
  });
}
