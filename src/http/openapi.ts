import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi';
import packageJson from '../../package.json' with { type: 'json' };
import { requestFields } from '../schema/request.ts';
import { mediaTypes } from './body.ts';
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
    transformObject: (document) =>
      withSafetensors(withRequestExamples(fastifyZodOpenApiTransformers.transformObject(document) as Document)),
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

type Content = Record<string, { schema?: unknown; examples?: unknown }>;

type Operation = { parameters?: unknown[]; requestBody?: { content: Content }; responses: Record<string, { content: Content }> };

type Document = { readonly paths: Record<string, Record<string, Operation>> };

// a zod schema holds examples without names; Swagger UI offers them by name
function withRequestExamples(document: Document): Document {
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    for (const mediaType of Object.values(operation.requestBody?.content ?? {})) mediaType.examples = requestExamples();
  }
  return document;
}

/** The second format of the divergence route: bytes, whose options stand in the query. */
function withSafetensors(document: Document): Document {
  const { post } = document.paths['/v1/kl-divergence'];
  const described = (description: string) => ({ schema: { type: 'string', contentMediaType: mediaTypes.safetensors[0], description } });
  const [mediaType] = mediaTypes.safetensors;
  if (post.requestBody !== undefined) {
    post.requestBody.content[mediaType] = described(
      'A safetensors file with the tensors `input` and `target`, each F64, F32, F16 or BF16. The options stand in the query.',
    );
  }
  post.responses['200'].content[mediaType] = described(
    'With `Accept: application/vnd.safetensors`: the tensors of `results` as F64, and every other member of the answer, the numbers of ' +
      '`results` too, as JSON text of the same name in `__metadata__`.',
  );
  post.parameters = requestFields
    .filter((name) => name !== 'input' && name !== 'target')
    .map((name) => ({
      name,
      in: 'query',
      description: `\`${name}\` of the request, for a safetensors body only. Several values are separated by commas.`,
      schema: { type: 'string' },
    }));
  return document;
}

// every zod integer is bounded by what a double holds exactly, which says nothing about the field
function withoutSafeBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
