import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi';
import packageJson from '../../package.json' with { type: 'json' };
import { requestExamples } from './example-answers.ts';

/** The OpenAPI document, from the schemas of the routes that are registered after this; `/openapi.json` serves it. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(fastifyZodOpenApiPlugin, { documentOpts: { override: ({ jsonSchema }) => withoutSafeBounds(jsonSchema) } });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'KL divergence',
        version: packageJson.version,
        description:
          'Two tensors in; their Kullback-Leibler divergence under every reduction out, with warnings that say when a number does not mean ' +
          'what its reader thinks. The reductions of PyTorch, SciPy and Keras side by side.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This instance' }],
      security: [],
      tags: [
        { name: 'KL divergence', description: 'Compute and explain.' },
        { name: 'Service', description: 'What this instance is, and how it is.' },
      ],
    },
    transform: fastifyZodOpenApiTransformers.transform,
    transformObject: (document) => withRequestExamples(fastifyZodOpenApiTransformers.transformObject(document) as Document),
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

type Document = { readonly paths: Record<string, Record<string, { requestBody?: { content: Record<string, { examples?: unknown }> } }>> };

// a zod schema holds examples without names; Swagger UI offers them by name
function withRequestExamples(document: Document) {
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    for (const mediaType of Object.values(operation.requestBody?.content ?? {})) mediaType.examples = requestExamples();
  }
  return document;
}

// every zod integer is bounded by what a double holds exactly, which says nothing about the field
function withoutSafeBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
