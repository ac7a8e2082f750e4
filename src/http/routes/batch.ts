import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { klBatch, klBatchAnswer, maxItems } from '../../schema/batch.ts';
import type { TaskName } from '../../tasks/task.ts';
import { elementsInBatch } from '../hooks/body-elements.ts';
import { bodyOf, jsonType } from '../hooks/content-type.ts';
import { bodyProblems } from '../openapi/problem-responses.ts';
import { respondWithLines } from '../run-stream.ts';
import { respondWithTask, type TaskService, taskInputFor } from '../run-task.ts';

/** Registers the route for many requests, in one JSON body or in lines. */
export function registerBatch(app: FastifyInstance, service: TaskService): void {
  app.route({
    method: 'POST',
    url: '/v1/kl-divergence/batch',
    schema: {
      operationId: 'klDivergenceBatch',
      tags: ['KL divergence'],
      summary: 'Many problems in one request',
      description:
        `As JSON, a list of at most ${maxItems} requests, answered with a list in the same order. As application/x-ndjson, a stream of any ` +
        'length with a request on each line, answered while it is sent. A request that is refused has its problem in the place of its ' +
        'answer, and does not affect the others.',
      body: klBatch,
      response: {
        200: {
          description: 'An answer or a problem for each request, in their order.',
          content: { 'application/json': { schema: klBatchAnswer } },
        },
        ...bodyProblems,
      },
    },
    config: { formats: ['json', 'lines'], elementsIn: elementsInBatch },
    handler: (request, reply) => answerBatch(request, reply, service, { json: 'batch', lines: 'lines' }),
  });
}

/** Answers many requests by the task of their format. */
export function answerBatch(
  request: FastifyRequest,
  reply: FastifyReply,
  service: TaskService,
  tasks: Readonly<Record<'json' | 'lines', TaskName>>,
): void {
  const { format, payload } = bodyOf(request);
  if (format === 'lines') {
    respondWithLines(request, reply, service, payload, tasks.lines);
    return;
  }
  respondWithTask(request, reply, service, taskInputFor(request, reply, service, tasks.json), payload, () => jsonType);
}
