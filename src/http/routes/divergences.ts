import type { FastifyInstance } from 'fastify';
import { maxItems } from '../../schema/batch.ts';
import { divergencesAnswer, divergencesBatch, divergencesBatchAnswer, divergencesRequest } from '../../schema/divergences.ts';
import { elementsInBatch, elementsInText } from '../hooks/body-elements.ts';
import { bodyProblems } from '../openapi/problem-responses.ts';
import type { TaskService } from '../run-task.ts';
import { answerBatch } from './batch.ts';
import { answerDivergence } from './kl-divergence.ts';

/** Registers the routes for several divergences of a request, and of many requests. */
export function registerDivergences(app: FastifyInstance, service: TaskService): void {
  app.route({
    method: 'POST',
    url: '/v1/divergences',
    schema: {
      operationId: 'divergences',
      tags: ['Divergences'],
      summary: 'Several divergences of two tensors',
      description:
        'The request for KL, and which divergences to compute: KL in both directions, Jeffreys (PSI), Jensen-Shannon, Rényi, Hellinger and others. ' +
        'The tensors are read once. Every option of `/v1/kl-divergence` applies; warnings concern only the divergences that are asked for.',
      body: divergencesRequest,
      response: {
        200: {
          description: 'The divergences.',
          content: { 'application/json': { schema: divergencesAnswer } },
        },
        ...bodyProblems,
      },
    },
    config: { formats: ['json', 'safetensors'], elementsIn: elementsInText },
    handler: (request, reply) =>
      answerDivergence(request, reply, service, { json: 'divergences_json', safetensors: 'divergences_safetensors' }),
  });

  app.route({
    method: 'POST',
    url: '/v1/divergences/batch',
    schema: {
      operationId: 'divergencesBatch',
      tags: ['Divergences'],
      summary: 'Several divergences of many problems',
      description:
        `As JSON, a list of at most ${maxItems} requests; as application/x-ndjson, a stream of any length with a request on each line. ` +
        'Answered as `/v1/kl-divergence/batch` is.',
      body: divergencesBatch,
      response: {
        200: {
          description: 'An answer or a problem for each request, in their order.',
          content: { 'application/json': { schema: divergencesBatchAnswer } },
        },
        ...bodyProblems,
      },
    },
    config: { formats: ['json', 'lines'], elementsIn: elementsInBatch },
    handler: (request, reply) => answerBatch(request, reply, service, { json: 'divergences_batch', lines: 'divergences_lines' }),
  });
}
