import type { FastifyInstance, RouteOptions } from 'fastify';
import packageJson from '../../../package.json' with { type: 'json' };
import { sideNames } from '../../core/comparison.ts';
import { type ModelName, modelVersion } from '../../formats/inference/models.ts';
import { outputsOfModel } from '../../formats/inference/outputs.ts';
import { modelMetadata, modelReady, serverLive, serverMetadata, serverReady } from '../../schema/inference/answer.ts';
import type { Drain } from '../connection/drain.ts';
import { sendBareJson } from '../hooks/inference-error.ts';
import { inferenceErrorResponse, inferenceRoute, inferenceTag, modelRoute } from '../openapi/inference-route.ts';
import { serviceFailed } from '../openapi/problem-responses.ts';

/** A route with metadata or the state of the server or its model. */
type MetadataRoute = {
  /** Whether it is about a model rather than the server. */
  readonly isAboutModel?: boolean;
  readonly url: string;
  readonly operationId: string;
  readonly summary: string;
  readonly schema: object;
  readonly answer: (isReady: boolean, model: ModelName) => Readonly<Record<string, unknown>>;
  /** Whether the answer has status 503 while the process shuts down. */
  readonly isAboutReadiness?: boolean;
  /** Whether the platform calls it: without a credential, and every few seconds. */
  readonly isPublic?: boolean;
};

const tensors = (names: readonly string[]) => names.map((name) => ({ name, datatype: 'FP64', shape: [-1] }));

const metadataRoutes: readonly MetadataRoute[] = [
  {
    url: '',
    operationId: 'inferenceServer',
    summary: 'The server, as the protocol describes it',
    schema: serverMetadata,
    answer: () => ({ name: packageJson.name, version: packageJson.version, extensions: ['binary_tensor_data'] }),
  },
  {
    url: '/health/live',
    operationId: 'inferenceServerLive',
    summary: 'Whether the process is alive',
    schema: serverLive,
    answer: () => ({ live: true }),
    isPublic: true,
  },
  {
    url: '/health/ready',
    operationId: 'inferenceServerReady',
    summary: 'Whether to send requests here',
    schema: serverReady,
    answer: (isReady) => ({ ready: isReady, live: true }),
    isAboutReadiness: true,
    isPublic: true,
  },
  {
    isAboutModel: true,
    url: '',
    operationId: 'inferenceModel',
    summary: 'The model, as the protocol describes it',
    schema: modelMetadata,
    answer: (_isReady, model) => ({
      name: model,
      versions: [modelVersion],
      platform: packageJson.name,
      inputs: tensors(sideNames),
      outputs: tensors(outputsOfModel(model)),
    }),
  },
  {
    isAboutModel: true,
    url: '/ready',
    operationId: 'inferenceModelReady',
    summary: 'Whether the model is ready',
    schema: modelReady,
    answer: (isReady, model) => ({ name: model, ready: isReady }),
    isAboutReadiness: true,
  },
];

/** Registers the routes that describe the server and its models, and tell whether they are ready. */
export function registerInferenceModel(scope: FastifyInstance, drain: Drain): void {
  for (const route of metadataRoutes) {
    const { url, isAboutModel = false } = route;
    if (isAboutModel) modelRoute(scope, url, (model) => optionsOf(route, drain, model));
    else inferenceRoute(scope, url, optionsOf(route, drain, 'kl_div'));
  }
}

function optionsOf(
  { operationId, summary, schema, answer, isAboutReadiness = false, isPublic = false }: MetadataRoute,
  drain: Drain,
  model: ModelName,
): Omit<RouteOptions, 'url'> {
  const content = { 'application/json': { schema } };
  return {
    method: 'GET',
    config: { public: isPublic, quiet: isPublic },
    schema: {
      ...(isPublic ? { security: [] } : {}),
      operationId,
      tags: [inferenceTag],
      summary,
      response: {
        200: { description: 'The answer.', content },
        405: inferenceErrorResponse('The path supports only GET.'),
        500: inferenceErrorResponse(serviceFailed),
        ...(isAboutReadiness ? { 503: { description: 'The process is shutting down; send requests to another instance.', content } } : {}),
      },
    },
    handler: (_request, reply) => {
      if (isAboutReadiness && drain.draining) reply.code(503);
      sendBareJson(reply, answer(!drain.draining, model));
    },
  };
}
