import type { FastifyInstance, FastifyRequest } from 'fastify';
import { answer } from '../compute/answer.ts';
import { explain, maxExplainedElements } from '../compute/explain.ts';
import type { KlRequest, Limits } from '../compute/request.ts';
import { refuse } from '../errors.ts';
import { klAnswer, klExplanation } from '../schema/answer.ts';
import { parseRequest } from '../schema/parse-request.ts';
import { klRequest } from '../schema/request.ts';
import { answerExamples, refusalExamples } from './example-answers.ts';
import { problemResponse } from './problem-response.ts';

const bodyProblems = {
  400: problemResponse('The body is not JSON.', refusalExamples(400)),
  405: problemResponse('Only POST is answered here.'),
  413: problemResponse('The body or a tensor is too large.'),
  415: problemResponse('The body is not application/json.'),
  422: problemResponse('The body is JSON, but not a request that can be answered; `errors` points at each fault.', refusalExamples(422)),
};

export function registerKlDivergence(app: FastifyInstance, limits: Limits): void {
  app.route({
    method: 'POST',
    url: '/v1/kl-divergence',
    schema: {
      operationId: 'klDivergence',
      tags: ['KL divergence'],
      summary: 'KL divergence of two tensors',
      description:
        'D(P ‖ Q) = Σ P·(log P − log Q), P from `target` and Q from `input`, under every reduction that is asked for, with warnings ' +
        'where a number does not mean what its reader may think. An infinite divergence is an answer, not an error.',
      body: klRequest,
      response: {
        200: { description: 'The divergence.', content: { 'application/json': { schema: klAnswer, examples: answerExamples(answer) } } },
        ...bodyProblems,
      },
    },
    handler: (request) => compute(request, limits, answer),
  });

  app.route({
    method: 'POST',
    url: '/v1/kl-divergence/explain',
    schema: {
      operationId: 'explainKlDivergence',
      tags: ['KL divergence'],
      summary: 'The derivation, step by step',
      description:
        'The same request. Answers with the steps of the textbook, each reduction by hand beside the compute core, and what PyTorch, SciPy ' +
        `and Keras return for the same data. At most ${maxExplainedElements} elements per tensor.`,
      body: klRequest,
      response: {
        200: {
          description: 'The derivation.',
          content: { 'application/json': { schema: klExplanation, examples: answerExamples(explain, ['notebook_5x2', 'masked_logits']) } },
        },
        ...bodyProblems,
      },
    },
    handler: (request) => compute(request, limits, explain),
  });
}

type Answer = ReturnType<typeof answer> | ReturnType<typeof explain>;

async function compute(request: FastifyRequest, limits: Limits, how: (request: KlRequest, limits: Limits) => Answer): Promise<Answer> {
  // Fastify reads a body without a type only to refuse it
  if (request.headers['content-type'] === undefined) throw refuse('INVALID_JSON', '#', 'the request has no body; expected a JSON object');
  const computed = how(parseRequest(request.body), limits);
  request.computed = { elements: computed.distributions * computed.support_size, warnings: computed.warnings.map(({ code }) => code) };
  return computed;
}
