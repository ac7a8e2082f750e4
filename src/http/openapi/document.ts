import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi';
import packageJson from '../../../package.json' with { type: 'json' };
import { problemMediaType } from '../../errors/problem-details.ts';
import { requestOperand } from '../../schema/operands/operand.ts';
import { requestTensor, requestWeights } from '../../schema/operands/tensor.ts';
import { problem } from '../../schema/problem.ts';
import { withoutSafeBounds } from '../../schema/safe-bounds.ts';
import { isInference } from '../hooks/inference-error.ts';
import { batchExamples } from './batch-examples.ts';
import { divergencesBatchExamples, divergencesExamples } from './divergences-examples.ts';
import { answerExamples, refusalExamples, requestExamples } from './example-responses.ts';
import { inferenceAnswerExamples, inferenceRequestExamples } from './inference-examples.ts';
import { inferenceErrorsOfAccess } from './inference-route.ts';
import { jobExamples } from './job-examples.ts';
import { withModelNames } from './model-paths.ts';
import { problemsAnywhere, problemsOfAccess } from './problem-responses.ts';
import { headerComponents, isComputed, withResponseHeaders } from './response-headers.ts';
import { type Document, withSecondFormats } from './second-formats.ts';

/** Has `app.swagger()` build the OpenAPI document from the schemas of the routes that are registered after this. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(fastifyZodOpenApiPlugin, {
    components: { schemas: { Operand: requestOperand, Tensor: requestTensor, Weights: requestWeights, Problem: problem } },
    documentOpts: { override: ({ zodSchema, jsonSchema }) => withoutSafeBounds(zodSchema, jsonSchema) },
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'KL divergence',
        version: packageJson.version,
        description:
          'Computes the Kullback-Leibler divergence of two tensors under every reduction, with those of PyTorch, SciPy and Keras side by ' +
          'side. Warnings say when a number does not mean what the caller may think. [The explorer](/) draws all of it for your own data. ' +
          'To begin in Swagger UI, open `POST /v1/kl-divergence`, choose an example and press *Execute*.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This instance' }],
      components: { securitySchemes, headers: headerComponents },
      // an instance may run without authentication
      security: [{}, ...Object.keys(securitySchemes).map((name) => ({ [name]: [] }))],
      tags: [
        { name: 'KL divergence', description: 'Compute and explain.' },
        { name: 'Divergences', description: 'KL in both directions, Jensen-Shannon, Jeffreys and others, in one pass over the data.' },
        {
          name: 'Open Inference Protocol',
          description:
            'The same divergence as the model `kl_div`, and each of the others as the model of its name, for clients of KServe and Triton. `/v2` is the prefix of that protocol, not a second version of this API.',
        },
        { name: 'Jobs', description: 'Tensors that are stored elsewhere, of any size: submitted, followed, cancelled.' },
        { name: 'Service', description: 'Facts about this instance, and its health.' },
      ],
    },
    transform: fastifyZodOpenApiTransformers.transform,
    transformObject: (document) =>
      [withExamples, withSecondFormats, withModelNames, withDeadlines, withProblemsAnywhere, withResponseHeaders].reduce(
        (so, with_) => with_(so),
        fastifyZodOpenApiTransformers.transformObject(document) as Document,
      ),
  });
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a JWT, if this instance authenticates clients.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key.' },
} as const;

/** Examples of requests and of their answers, which are computed, so never out of date. */
const examplesOf: Readonly<Record<string, { readonly requests: () => unknown; readonly answers?: () => unknown }>> = {
  '/v1/kl-divergence': { requests: requestExamples, answers: () => answerExamples('json') },
  '/v1/kl-divergence/explain': {
    requests: requestExamples,
    answers: () => answerExamples('explain', ['notebook_5x2', 'masked_logits']),
  },
  '/v1/kl-divergence/batch': batchExamples,
  '/v1/divergences': divergencesExamples,
  '/v1/divergences/batch': divergencesBatchExamples,
  '/v2/models/kl_div/infer': { requests: inferenceRequestExamples, answers: inferenceAnswerExamples },
  '/v1/jobs': { requests: () => jobExamples },
};

// a zod schema holds examples without names, but Swagger UI shows names
function withExamples(document: Document): Document {
  for (const [path, { requests, answers }] of Object.entries(examplesOf)) {
    const { requestBody, responses } = document.paths[path].post;
    const json = requestBody?.content['application/json'];
    if (json !== undefined) json.examples = requests();
    if (answers !== undefined) responses['200'].content['application/json'].examples = answers();
    if (path.startsWith('/v1/')) {
      for (const status of [400, 422] as const) responses[status].content[problemMediaType].examples = refusalExamples(status);
    }
  }
  return document;
}

function withDeadlines(document: Document): Document {
  for (const [path, { post }] of Object.entries(document.paths)) {
    if (post === undefined || !isComputed(path, 'post')) continue;
    post.parameters = [
      ...(post.parameters ?? []),
      {
        name: 'X-Request-Timeout',
        in: 'header',
        description:
          'Milliseconds from the arrival of the request until the client stops waiting for the answer. The server may allow less.',
        schema: { type: 'number', exclusiveMinimum: 0 },
      },
    ];
  }
  return document;
}

// any request may be invalid HTTP, and the service may fail; operations that are not public may also reject a credential or a quota
function withProblemsAnywhere(document: Document): Document {
  for (const [path, operations] of Object.entries(document.paths)) {
    const ofAccess = isInference({ url: path }) ? inferenceErrorsOfAccess : problemsOfAccess;
    for (const operation of Object.values(operations)) {
      const isPublic = operation.security !== undefined;
      operation.responses = { ...problemsAnywhere, ...(isPublic ? {} : ofAccess), ...operation.responses };
    }
  }
  return document;
}
