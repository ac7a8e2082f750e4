import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import type { ModelName } from '../../formats/inference/models.ts';
import { inferenceResponse } from '../../schema/inference/answer.ts';
import { inferenceRequest } from '../../schema/inference/request.ts';
import { elementsInBinary } from '../hooks/body-elements.ts';
import { sendInferenceError } from '../hooks/inference-error.ts';
import { throwNotFound } from '../hooks/not-found.ts';
import { inferenceErrorResponse, inferenceTag, modelRoute } from '../openapi/inference-route.ts';
import { bodyRefusals, responsesOf, serviceFailed } from '../openapi/problem-responses.ts';
import { respondWithTask, type TaskService, taskInputFor } from '../run-task.ts';
import { registerInferenceModel } from './inference-metadata.ts';

/**
 * Registers the Open Inference Protocol, version 2, for clients of KServe and Triton: the divergence as a model. `/v2` is the prefix of
 * that protocol, not a second version of this service's API.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export async function registerInference(app: FastifyInstance, service: TaskService): Promise<void> {
  await app.register(
    async (scope) => {
      // clients send none, or application/octet-stream for JSON: Inference-Header-Content-Length tells how to read a body
      scope.addHook('onRequest', (request, _reply, done) => {
        delete request.headers['content-type'];
        done();
      });
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      scope.setErrorHandler((error: Error, request, reply) => sendInferenceError(error, request, reply));
      scope.setNotFoundHandler(throwNotFound);
      registerInfer(scope, service);
      registerInferenceModel(scope, service.drain);
    },
    { prefix: '/v2' },
  );
}

const refusals = {
  ...responsesOf(bodyRefusals, inferenceErrorResponse),
  400: inferenceErrorResponse('The body is not a valid request; `errors` points at each fault.'),
  415: inferenceErrorResponse('The compression of the body is not supported.'),
  500: inferenceErrorResponse(serviceFailed),
  504: inferenceErrorResponse('The answer was not ready within the `timeout` of the request, or its X-Request-Timeout.'),
};

function registerInfer(scope: FastifyInstance, service: TaskService): void {
  modelRoute(scope, '/infer', (model) => ({
    method: 'POST',
    // the codings that Python clients can decode; they accept every coding that their HTTP library knows
    config: { codings: ['gzip', 'deflate'], elementsIn: elementsInBinary },
    schema: {
      operationId: 'infer',
      tags: [inferenceTag],
      summary: 'A divergence as an inference request',
      description:
        'Inputs `input` and `target`; outputs `output`, which follows the parameter `reduction`, and every reduction by name, several in one call; ' +
        'of samples also their bins, and what sampling makes of the divergence. ' +
        'Warnings come back as JSON text in `parameters.warnings`. Also at `/v2/models/{model}/versions/1/infer`. ' +
        'The parameter `alpha` of `renyi` is its order, `beta` of `jensen_shannon` the weight of `target`.',
      body: inferenceRequest,
      response: {
        200: {
          description: 'The requested outputs.',
          content: { 'application/json': { schema: inferenceResponse } },
        },
        ...refusals,
      },
    },
    handler: (request, reply) => infer(request, reply, service, model),
  }));
}

const headerLengthName = 'inference-header-content-length';

function infer(request: FastifyRequest, reply: FastifyReply, service: TaskService, model: ModelName): void {
  if (!request.body) throw refuse('INVALID_JSON', '#', 'the request has no body; expected a JSON object');
  const headerLength = request.headers[headerLengthName];
  const input = { ...taskInputFor(request, reply, service, 'infer'), model, headerLength: headerLength && String(headerLength) };
  respondWithTask(request, reply, service, input, request.body as Readable, ({ headerLength }) => {
    if (headerLength === undefined) return 'application/json';
    reply.header(headerLengthName, headerLength);
    return 'application/octet-stream';
  });
}
