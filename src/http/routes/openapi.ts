import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import document from '../../../openapi/openapi.json' with { type: 'json' };

/**
 * Serves the OpenAPI document at `/openapi.json`, as it is committed. To make it of the schemas of the routes takes a fifth of a second,
 * which no start needs to wait for: `npm run openapi` does it, and a test holds the file to it.
 */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  // its types know no OpenAPI 3.1
  const specification = { document } as unknown as StaticDocumentSpec;
  await app.register(swagger, { mode: 'static', specification });
  app.get('/openapi.json', { schema: { hide: true }, config: { public: true } }, async () => app.swagger());
}
