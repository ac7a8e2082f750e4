import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi';
import packageJson from '../../package.json' with { type: 'json' };
import { problem } from '../schema/problem.ts';
import { requestFields } from '../schema/request.ts';
import { requestTensor } from '../schema/tensor.ts';
import { mediaTypes } from './body.ts';
import { requestExamples } from './example-answers.ts';
import { inferenceRequestExamples } from './inference-examples.ts';
import { problemsAnywhere } from './problem-response.ts';

/** The OpenAPI document, from the schemas of the routes that are registered after this; `/openapi.json` serves it. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(fastifyZodOpenApiPlugin, {
    components: { schemas: { Tensor: requestTensor, Problem: problem } },
    documentOpts: { override: ({ jsonSchema }) => withoutSafeBounds(jsonSchema) },
  });
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
        {
          name: 'Open Inference Protocol',
          description:
            'The same divergence as the model `kl_div`, for clients of KServe and Triton. `/v2` is the prefix of that protocol, and no second version of this API.',
        },
        { name: 'Service', description: 'What this instance is, and how it is.' },
      ],
    },
    transform: fastifyZodOpenApiTransformers.transform,
    transformObject: (document) =>
      withProblemsAnywhere(
        withBinaryTensors(withSafetensors(withRequestExamples(fastifyZodOpenApiTransformers.transformObject(document) as Document))),
      ),
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

type Content = Record<string, { schema?: unknown; examples?: unknown }>;

type Operation = { parameters?: unknown[]; requestBody?: { content: Content }; responses: Record<string, { content: Content }> };

type Document = { readonly paths: Record<string, Record<string, Operation>> };

const examplesOf: Readonly<Record<string, () => unknown>> = {
  '/v1/kl-divergence': requestExamples,
  '/v1/kl-divergence/explain': requestExamples,
  '/v2/models/kl_div/infer': inferenceRequestExamples,
};

// a zod schema holds examples without names; Swagger UI offers them by name
function withRequestExamples(document: Document): Document {
  for (const [path, examples] of Object.entries(examplesOf)) {
    const json = document.paths[path].post.requestBody?.content['application/json'];
    if (json !== undefined) json.examples = examples();
  }
  return document;
}

// whatever an operation does, a request may fail to become one, and the service may fail
function withProblemsAnywhere(document: Document): Document {
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    operation.responses = { ...problemsAnywhere, ...operation.responses };
  }
  return document;
}

/** The second format of the divergence route: bytes, whose options stand in the query. */
function withSafetensors(document: Document): Document {
  const { post } = document.paths['/v1/kl-divergence'];
  const [mediaType] = mediaTypes.safetensors;
  if (post.requestBody !== undefined) {
    // generators of clients know no type of their own for safetensors, and refuse those that they do not know
    post.requestBody.content['application/octet-stream'] = {
      schema: {
        type: 'string',
        format: 'binary',
        contentMediaType: mediaType,
        description:
          'A safetensors file with the tensors `input` and `target`, each F64, F32, F16 or BF16. The options stand in the query. ' +
          `\`${mediaType}\` is the same, under the better name.`,
      },
    };
  }
  // the same answer, written otherwise: a schema of its own would make clients believe that any answer may be bytes
  post.responses['200'].content[mediaType] = {
    schema: {
      $ref: '#/components/schemas/KlDivergenceAnswer',
      description:
        `With \`Accept: ${mediaType}\`, the answer as a safetensors file: the tensors of \`results\` as F64, and every other member, ` +
        'the numbers of `results` too, as JSON text of the same name in `__metadata__`.',
    },
  };
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

/** The second format of inference requests: the same JSON, and bytes of tensors behind it. */
function withBinaryTensors(document: Document): Document {
  const { post } = document.paths['/v2/models/kl_div/infer'];
  const binary = 'application/octet-stream';
  if (post.requestBody !== undefined) {
    post.requestBody.content[binary] = {
      schema: {
        type: 'string',
        format: 'binary',
        description:
          'The JSON, then the bytes of the inputs that have a `binary_data_size`, little-endian and row-major. Any Content-Type is taken.',
      },
    };
  }
  post.responses['200'].content[binary] = {
    schema: {
      $ref: '#/components/schemas/InferenceResponse',
      description:
        'Where an output is asked for with `binary_data`: the same JSON, as many bytes as `Inference-Header-Content-Length` says, then the bytes ' +
        'of the outputs that have a `binary_data_size`, little-endian float64.',
    },
  };
  post.parameters = [
    {
      name: 'Inference-Header-Content-Length',
      in: 'header',
      description: 'How many bytes of the body, uncompressed, are JSON, where bytes of tensors follow it.',
      schema: { type: 'integer' },
    },
  ];
  return document;
}

// every zod integer is bounded by what a double holds exactly, which says nothing about the field
function withoutSafeBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
