import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { klAnswer, klExplanation } from '../../schema/answer.ts';
import { klRequest } from '../../schema/request.ts';
import { maxExplainedElements } from '../../tasks/explain.ts';
import type { TaskName } from '../../tasks/task.ts';
import { preferredType } from '../headers/accept.ts';
import { elementsInText } from '../hooks/body-elements.ts';
import { bodyOf, jsonType, mediaTypes, safetensorsTypes } from '../hooks/content-type.ts';
import { bodyProblems } from '../openapi/problem-responses.ts';
import { respondWithTask, type TaskService, taskInputFor } from '../run-task.ts';

export function registerKlDivergence(app: FastifyInstance, service: TaskService): void {
  app.route({
    method: 'POST',
    url: '/v1/kl-divergence',
    schema: {
      operationId: 'klDivergence',
      tags: ['KL divergence'],
      summary: 'KL divergence of two tensors',
      description:
        'D(P ‖ Q) = Σ P·(log P − log Q), P from `target` and Q from `input`, under every requested reduction. Warnings say where a ' +
        'number does not mean what the caller may think. An infinite divergence is an answer, not an error.',
      body: klRequest,
      response: {
        200: { description: 'The divergence.', content: { 'application/json': { schema: klAnswer } } },
        ...bodyProblems,
      },
    },
    config: { formats: ['json', 'safetensors'], elementsIn: elementsInText },
    handler: (request, reply) => answerDivergence(request, reply, service, { json: 'json', safetensors: 'safetensors' }),
  });

  app.route({
    method: 'POST',
    url: '/v1/kl-divergence/explain',
    schema: {
      operationId: 'explainKlDivergence',
      tags: ['KL divergence'],
      summary: 'The derivation, step by step',
      description:
        'The same request. The answer has the steps of the textbook, each reduction by hand and by the compute core, and the results of ' +
        `PyTorch, SciPy and Keras for the same data. At most ${maxExplainedElements} elements per tensor.`,
      body: klRequest,
      response: {
        200: {
          description: 'The derivation.',
          content: { 'application/json': { schema: klExplanation } },
        },
        ...bodyProblems,
      },
    },
    config: { formats: ['json'], elementsIn: elementsInText },
    handler: (request, reply) =>
      respondWithTask(request, reply, service, taskInputFor(request, reply, service, 'explain'), bodyOf(request).payload, () => jsonType),
  });
}

/** Answers a divergence by the task of its format. The request and the answer may each be JSON or safetensors. */
export function answerDivergence(
  request: FastifyRequest,
  reply: FastifyReply,
  service: TaskService,
  tasks: Readonly<Record<'json' | 'safetensors', TaskName>>,
): void {
  const { format, payload } = bodyOf(request);
  const task = tasks[format === 'safetensors' ? format : 'json'];
  const name = acceptedSafetensors(request.headers.accept);
  const input = taskInputFor(request, reply, service, task, name === undefined ? 'json' : 'safetensors');
  respondWithTask(request, reply, service, input, payload, () => name ?? jsonType);
}

/** Returns the name of safetensors that a client prefers to JSON, for the Content-Type. A client that accepts neither gets JSON. */
function acceptedSafetensors(accept: string | undefined): string | undefined {
  // what most clients send
  if (accept === undefined || accept === '*/*') return undefined;
  const preferred = preferredType(accept, [...mediaTypes.json, ...safetensorsTypes]);
  return safetensorsTypes.find((type) => type === preferred);
}
