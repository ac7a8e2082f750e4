import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answer } from '../compute/answer.ts';
import { explain, maxExplainedElements } from '../compute/explain.ts';
import type { Work } from '../compute/perform.ts';
import type { Limits } from '../compute/request.ts';
import type { Done, Workforce } from '../compute/workforce.ts';
import { RequestError, refuse } from '../errors.ts';
import { klAnswer, klExplanation } from '../schema/answer.ts';
import { klRequest } from '../schema/request.ts';
import { type Body, mediaTypes } from './body.ts';
import { worthCompressing } from './compression.ts';
import { answerExamples, refusalExamples } from './example-answers.ts';
import { problemResponse } from './problem-response.ts';
import { type BodyLimits, receive } from './receive.ts';
import { serverTiming } from './server-timing.ts';

const bodyProblems = {
  400: problemResponse('The body is not JSON, or not what its headers say.', refusalExamples(400)),
  405: problemResponse('Only POST is answered here.'),
  413: problemResponse('The body or a tensor is too large.'),
  415: problemResponse('The body is in a format that is not read here.'),
  422: problemResponse(
    'The body is readable, but not a request that can be answered; `errors` points at each fault.',
    refusalExamples(422),
  ),
  503: problemResponse('The thread that computed the answer was lost; send the request again.'),
};

export type Service = { readonly limits: Limits & BodyLimits; readonly workforce: Workforce };

export function registerKlDivergence(app: FastifyInstance, service: Service): void {
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
    handler: (request, reply) => compute(request, reply, service, 'answer'),
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
    handler: (request, reply) => compute(request, reply, service, 'explain'),
  });
}

/** Receives a body, has it computed where it fits, and answers with the bytes that come back. */
function compute(request: FastifyRequest, reply: FastifyReply, { limits, workforce }: Service, task: Work['task']): void {
  const { format, payload } = bodyOf(request, task);
  const accepts = task === 'answer' && acceptsSafetensors(request) ? 'safetensors' : 'json';
  const work: Work = { task, format, query: request.query as Work['query'], accepts, limits: { maxElements: limits.maxElements } };
  const take = (length: number) => workforce.take(work, length);
  const refused = (error: unknown) => reply.send(error);
  const started = performance.now();
  let receivedAt = started;

  receive(payload, declaredLength(request), limits, take, {
    small: (bytes) => {
      receivedAt = performance.now();
      try {
        answerWith(workforce.small(work, bytes));
      } catch (error) {
        refused(error);
      }
    },
    large: (body) => {
      body.whole.then(
        () => {
          receivedAt = performance.now();
        },
        () => {},
      );
      workforce.large(work, body, goneSignal(reply)).then(answerWith).catch(refused);
    },
    refused,
  });

  function answerWith({ outcome, queue, release }: Done): void {
    reply.header('server-timing', serverTiming(receivedAt - started, queue, outcome.timings));
    if (outcome.refused !== undefined) throw new RequestError(outcome.refused.faults, outcome.refused.count, outcome.refused.extra);
    const { content, elements, warnings } = outcome.answered;
    request.computed = { elements, warnings };
    reply.type(accepts === 'json' ? 'application/json; charset=utf-8' : mediaTypes.safetensors[0]);
    if (release !== undefined && typeof content !== 'string') sendShared(reply, content, release);
    else if (content.length < worthCompressing) reply.send(content);
    else reply.compress(typeof content === 'string' ? content : Buffer.from(content.buffer));
  }
}

/** Sends bytes in shared memory, which Fastify only knows in a stream. */
function sendShared(reply: FastifyReply, { buffer, byteOffset, byteLength }: Uint8Array, release: () => void): void {
  reply.raw.once('close', release);
  reply.header('content-length', byteLength);
  reply.compress(Readable.from([Buffer.from(buffer, byteOffset, byteLength)]));
}

function bodyOf(request: FastifyRequest, task: Work['task']): Body {
  const type = request.headers['content-type'];
  // Fastify reads a body without a type only to refuse it
  if (type === undefined) throw refuse('INVALID_JSON', '#', 'the request has no body; expected a JSON object');
  const body = request.body as Body;
  if (task === 'explain' && body.format !== 'json') throw refuse('UNSUPPORTED_MEDIA_TYPE', '#', 'explain reads application/json only');
  return body;
}

function acceptsSafetensors(request: FastifyRequest): boolean {
  const { accept } = request.headers;
  if (accept === undefined || !accept.includes('safetensors')) return false;
  const preferred = request.type([...mediaTypes.json, ...mediaTypes.safetensors]);
  return typeof preferred === 'string' && mediaTypes.safetensors.includes(preferred);
}

/** What the client says of the length of a body that comes as it is. */
function declaredLength({ headers }: FastifyRequest): number | undefined {
  const isPlain = headers['content-encoding'] === undefined || headers['content-encoding'] === 'identity';
  return isPlain && headers['content-length'] !== undefined ? Number(headers['content-length']) : undefined;
}

/** Aborted when the client goes away before it has its answer. Not `request.signal`, which ends with the body: fastify pull request 6725. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
