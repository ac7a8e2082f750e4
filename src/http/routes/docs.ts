import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { makePublic } from '../hooks/authentication.ts';
import { registerDocumentHeaders } from '../hooks/security-headers.ts';

/** Swagger UI on /docs, with the examples ready to be run. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (scope) => {
    registerDocumentHeaders(scope);
    makePublic(scope);
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'KL divergence API' },
      // without the top bar, whose logo carries an inline style that the content security policy refuses
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
