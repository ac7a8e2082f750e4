import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { makePublic } from '../hooks/authentication.ts';
import { registerDocumentHeaders } from '../hooks/security-headers.ts';

/** Serves Swagger UI at /docs, where the examples can be run. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (scope) => {
    registerDocumentHeaders(scope);
    makePublic(scope);
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'KL divergence API' },
      // without the top bar: the content security policy blocks the inline style of its logo
      uiConfig: {
        layout: 'BaseLayout',
        validatorUrl: null,
        tryItOutEnabled: true,
        displayRequestDuration: true,
        defaultModelsExpandDepth: 0,
      },
    });
  });
  app.get('/', { schema: { hide: true }, config: { public: true } }, async (_request, reply) => reply.redirect('/docs'));
}
