import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { now } from '../compute/clock.ts';
import type { Limits } from '../compute/request.ts';
import type { Answered, Work } from '../compute/work.ts';
import type { Done, Workforce } from '../compute/workforce.ts';
import { RequestError } from '../errors.ts';
import { worthCompressing } from './compression.ts';
import { pathOf } from './path.ts';
import { type BodyLimits, receive } from './receive.ts';
import { serverTiming } from './server-timing.ts';

export type Service = { readonly limits: Limits & BodyLimits; readonly workforce: Workforce };

/** What there is to do for a request, by a task's name. */
export function workFor(request: FastifyRequest, { limits }: Service, task: Work['task'], accepts: Work['accepts'] = 'json'): Work {
  return {
    task,
    query: request.query as Work['query'],
    accepts,
    limits: { maxElements: limits.maxElements },
    occurrence: { path: pathOf(request), requestId: request.id },
    received: now(),
  };
}

/** Receives a body, has it computed where it fits, and answers with the bytes that come back, of the media type that `typeOf` says. */
export function compute(
  request: FastifyRequest,
  reply: FastifyReply,
  { limits, workforce }: Service,
  work: Work,
  payload: Readable,
  typeOf: (answered: Answered) => string,
): void {
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
    const { content, elements, warnings, tally } = outcome.answered;
    request.computed = { elements, warnings, ...tally };
    reply.type(typeOf(outcome.answered));
    if (release !== undefined && typeof content !== 'string') sendShared(reply, content, release);
    else if (content.length < worthCompressing) reply.send(content);
    else reply.compress(typeof content === 'string' ? content : Buffer.from(content.buffer, content.byteOffset, content.byteLength));
  }
}

/** Sends bytes in shared memory, which Fastify only knows in a stream. */
function sendShared(reply: FastifyReply, { buffer, byteOffset, byteLength }: Uint8Array, release: () => void): void {
  reply.raw.once('close', release);
  reply.header('content-length', byteLength);
  reply.compress(Readable.from([Buffer.from(buffer, byteOffset, byteLength)]));
}

/** What the client says of the length of a body that comes as it is. */
function declaredLength({ headers }: FastifyRequest): number | undefined {
  const isPlain = headers['content-encoding'] === undefined || headers['content-encoding'] === 'identity';
  return isPlain && headers['content-length'] !== undefined ? Number(headers['content-length']) : undefined;
}

/** Aborted when the client goes away before it has its answer. Not `request.signal`, which ends with the body: fastify pull request 6725. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
