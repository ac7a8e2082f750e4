import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { Executor } from '../pool/executor.ts';
import type { ExecutorResult } from '../pool/run-in-worker.ts';
import { now } from '../tasks/clock.ts';
import { deadlineExceeded, onDeadline } from '../tasks/deadline.ts';
import { errorOf, type Limits, type TaskInput, type TaskOutput } from '../tasks/task.ts';
import { compress } from './body/compression.ts';
import { type BodyLimits, bodyTooLarge, type Received, receive } from './body/receive-body.ts';
import { reserveBody } from './body/reservation.ts';
import type { Drain } from './connection/drain.ts';
import { goneSignal, onceClosed, refuseGone } from './connection/on-close.ts';
import { type ContentCoding, contentCodingOf, contentCodings, preferredCoding } from './headers/content-coding.ts';
import { pathOf } from './headers/request-path.ts';
import { spanOf, timeoutHeader } from './headers/request-timeout.ts';
import { serverTiming } from './headers/server-timing.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyContextConfig {
    /** The content codings that the clients of the route can decode, if they are not all of them. */
    readonly codings?: readonly ContentCoding[];
  }
}

/** Length from which answers are compressed, for clients that accept it: numbers hardly shrink by half. */
const compressMinBytes = 2 ** 16;

export type TaskService = {
  readonly limits: Limits & BodyLimits & { readonly requestTimeoutMs: number };
  readonly executor: Executor;
  readonly drain: Drain;
};

/** What there is to do for a request, by a task's name. */
export function taskInputFor(
  request: FastifyRequest,
  reply: FastifyReply,
  { limits }: TaskService,
  task: TaskInput['task'],
  accepts: TaskInput['accepts'] = 'json',
): TaskInput {
  return {
    task,
    query: request.query as TaskInput['query'],
    accepts,
    limits: { maxElements: limits.maxElements },
    problemContext: { path: pathOf(request), requestId: request.id },
    // a stream may last as long as its client likes
    ...spanOf(request, reply, task === 'lines' ? Number.POSITIVE_INFINITY : limits.requestTimeoutMs),
  };
}

/** Receives a body, has it computed where it fits, and answers with the bytes that come back, of the media type that `typeOf` says. */
export function respondWithTask(
  request: FastifyRequest,
  reply: FastifyReply,
  { limits, executor }: TaskService,
  input: TaskInput,
  payload: Readable,
  typeOf: (answered: TaskOutput) => string,
): void {
  const length = declaredLength(request);
  if (length !== undefined && length > limits.bodyLimitBytes) throw bodyTooLarge(limits);
  refuseGone(reply);
  // the hooks may have taken all of it
  if (input.deadline <= now()) throw deadlineExceeded();
  const reservation = reserveBody(executor, input, limits.inlineLimitBytes, length);
  const hasOwnDeadline = request.headers[timeoutHeader] !== undefined;
  const started = performance.now();
  let receivedAt = started;
  let isOver = false;
  let stop = () => {};
  // as long as nobody computes: a body that comes too slowly otherwise is a matter of the HTTP server
  const stopTimer = hasOwnDeadline ? onDeadline(input.deadline, () => refused(deadlineExceeded())) : () => {};

  const received: Received = {
    small: (bytes) => {
      noteReceived();
      try {
        answerWith(executor.runInline(input, bytes));
      } catch (error) {
        refused(error);
      } finally {
        reservation.release();
      }
    },
    large: (body) => {
      stopTimer();
      body.whole.then(noteReceived, () => {});
      // what it takes is taken until the client has its answer
      onceClosed(reply.raw, reservation.release);
      executor
        .runInWorker(input, body, goneSignal(reply))
        .then((done) => {
          // whatever fails from here on, the client is answered, and then nobody reads the memory any more
          if (done.release !== undefined) onceClosed(reply.raw, done.release);
          reservation.computed(done.timings, done.answered?.content.length);
          answerWith(done);
        })
        .catch(refused);
    },
    refused,
  };
  try {
    stop = receive(payload, length, limits, reservation, received);
  } catch (error) {
    refused(error);
  }

  function noteReceived(): void {
    receivedAt = performance.now();
  }

  function answerWith(result: ExecutorResult): void {
    sendResult(request, reply, result, receivedAt - started, typeOf);
    // a failure up to here is still to be answered
    end();
  }

  function refused(error: unknown): void {
    if (isOver) return;
    end();
    stop();
    reservation.release();
    const isSlow = !hasOwnDeadline && !request.raw.complete && error instanceof RequestError && error.code === 'DEADLINE_EXCEEDED';
    reply.send(isSlow ? refuse('REQUEST_TIMEOUT', '#', 'the request was not complete in time') : error);
  }

  function end(): void {
    isOver = true;
    stopTimer();
  }
}

/**
 * Sends the response of a task, or throws why there is none.
 * @param receive ms that the body took to arrive
 * @throws RequestError
 */
function sendResult(
  request: FastifyRequest,
  reply: FastifyReply,
  { timings, refused, answered, release }: ExecutorResult,
  receive: number,
  typeOf: (answered: TaskOutput) => string,
): void {
  reply.header('server-timing', serverTiming(receive, timings));
  request.phases = { durations: { receive, ...timings }, until: performance.timeOrigin + performance.now() };
  if (refused !== undefined) {
    const { elements } = refused.advice;
    // strict rejects a request whose elements have been computed
    if (elements !== undefined) request.account?.charge(elements);
    throw errorOf(refused);
  }
  const { content, elements, warnings, items } = answered;
  request.computed = { elements, warnings, ...items };
  request.account?.charge(elements);
  reply.type(typeOf(answered));
  sendContent(request, reply, content, release !== undefined);
}

/** Sends the content of an answer, compressed if it is long and the client accepts a coding. */
function sendContent(request: FastifyRequest, reply: FastifyReply, content: string | Uint8Array, isShared: boolean): void {
  const isLong = content.length >= compressMinBytes;
  const { codings = contentCodings } = request.routeOptions.config;
  const coding = isLong ? preferredCoding(request.headers['accept-encoding'], codings) : undefined;
  if (isLong) varyByEncoding(reply);
  if (coding !== undefined) reply.header('content-encoding', coding).send(compress(content, coding));
  else if (isShared && typeof content !== 'string') sendShared(reply, content);
  else reply.send(content);
}

/** Tells caches that another Accept-Encoding may get other bytes. */
function varyByEncoding(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? 'Accept-Encoding' : `${others}, Accept-Encoding`);
}

/** Sends bytes in shared memory, which Fastify only knows in a stream. */
function sendShared(reply: FastifyReply, { buffer, byteOffset, byteLength }: Uint8Array): void {
  reply.header('content-length', byteLength).send(Readable.from([Buffer.from(buffer, byteOffset, byteLength)]));
}

/** Returns the length of a body that comes as it is, if the client says it. */
function declaredLength({ headers }: FastifyRequest): number | undefined {
  const isPlain = contentCodingOf(headers) === undefined;
  return isPlain && headers['content-length'] !== undefined ? Number(headers['content-length']) : undefined;
}
