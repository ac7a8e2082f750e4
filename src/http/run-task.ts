import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, refuse } from '../errors/request-error.ts';
import { writerOf } from '../memory/shared-body.ts';
import type { Executor } from '../pool/executor.ts';
import type { ExecutorResult, IncomingBody } from '../pool/run-in-worker.ts';
import { deadlineExceeded, now, onDeadline } from '../tasks/deadline.ts';
import type { Limits, TaskInput, TaskOutput } from '../tasks/task.ts';
import { inlineBytesOf, isStreamed } from '../tasks/tasks.ts';
import { computeAfterReading } from './after-reading.ts';
import { decoderBytes } from './body/compression.ts';
import { slowestPace } from './body/pace.ts';
import { type BodyLimits, bodyTooLarge, type Received, receive } from './body/receive-body.ts';
import { type BodyReservation, reserveBody } from './body/reservation.ts';
import type { Drain } from './connection/drain.ts';
import { goneSignal, onceClosed, refuseGone } from './connection/on-close.ts';
import { contentCodingOf } from './headers/content-coding.ts';
import { pathOf } from './headers/request-path.ts';
import { spanOf, timeoutHeader } from './headers/request-timeout.ts';
import { clientOf } from './hooks/authentication.ts';
import { sendResult } from './send-result.ts';

export type TaskService = {
  readonly limits: Limits & BodyLimits & { readonly requestTimeoutMs: number };
  readonly executor: Executor;
  readonly drain: Drain;
};

/** Returns the input of a task: its query, its limits and its deadline. @throws RequestError BAD_REQUEST for an invalid timeout */
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
    ...spanOf(request, reply, isStreamed(task) ? Number.POSITIVE_INFINITY : limits.requestTimeoutMs),
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
  const length = acceptedLength(request, limits);
  refuseGone(reply);
  // authentication and the quota count towards the deadline
  if (input.deadline <= now()) throw deadlineExceeded();
  const decoder = decoderBytes(contentCodingOf(request.headers));
  const holder = { client: () => clientOf(request), giveUp: () => refused(tooSlow()), decoder };
  const bodyLimits = { bodyLimitBytes: limits.bodyLimitBytes, inlineLimitBytes: inlineBytesOf(input, limits.inlineLimitBytes) };
  const reservation = reserveBody(executor, input, bodyLimits.inlineLimitBytes, holder, length);
  const hasOwnDeadline = request.headers[timeoutHeader] !== undefined;
  const started = performance.now();
  let receivedAt = started;
  let isOver = false;
  let stop = () => {};
  // until a worker starts, which watches the deadline itself; without a deadline of the client's, the HTTP server times slow bodies
  const stopTimer = hasOwnDeadline ? onDeadline(input.deadline, () => refused(deadlineExceeded())) : () => {};

  const received: Received = {
    small: (bytes) => {
      noteReceived();
      computeAfterReading(() => runInline(bytes), bytes.length);
    },
    large: (body) => {
      body.whole.then(noteReceived, () => {});
      runInWorker(body);
    },
    refused,
  };
  stop = receive(payload, length, bodyLimits, reservation, received);

  function runInline(bytes: Buffer): void {
    // its deadline has passed
    if (isOver) return;
    try {
      const result = executor.runInline(input, bytes);
      if (result === undefined) return void runInWorker(copied(bytes, reservation));
      answerWith(result);
      reservation.release();
    } catch (error) {
      refused(error);
    }
  }

  function runInWorker(body: IncomingBody): void {
    stopTimer();
    resultOfWorker(reply, executor, input, body, reservation).then(answerWith).catch(refused);
  }

  function noteReceived(): void {
    receivedAt = performance.now();
  }

  function answerWith(result: ExecutorResult): void {
    sendResult(request, reply, result, receivedAt - started, typeOf);
    // only now: `refused` still answers a failure up to here
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

/** Returns the rejection of a slow body, whose memory has gone to another request. */
function tooSlow(): RequestError {
  const { bytes, silenceMs, windowMs } = slowestPace;
  const limit = `nothing came for ${silenceMs / 1000} s, or less than ${bytes / 1024} KiB in ${windowMs / 1000} s`;
  return refuse('REQUEST_TIMEOUT', '#', `the body came too slowly while other requests needed its memory: ${limit}`);
}

/** Returns the length that the client announces, if the body is not compressed. @throws RequestError BODY_TOO_LARGE */
function acceptedLength({ headers }: FastifyRequest, limits: BodyLimits): number | undefined {
  const isPlain = contentCodingOf(headers) === undefined;
  const length = isPlain && headers['content-length'] !== undefined ? Number(headers['content-length']) : undefined;
  if (length !== undefined && length > limits.bodyLimitBytes) throw bodyTooLarge(limits);
  return length;
}

/** Has a worker compute a body. The request holds its memory until the client has the answer. @throws RequestError */
async function resultOfWorker(
  reply: FastifyReply,
  executor: Executor,
  input: TaskInput,
  body: IncomingBody,
  reservation: BodyReservation,
): Promise<ExecutorResult> {
  const { claimBeside, holdElements, computed, release } = reservation;
  onceClosed(reply.raw, release);
  const result = await executor.runInWorker(input, { ...body, claimBeside, holdElements }, goneSignal(reply));
  // if a later step fails, the client gets that answer instead, and the memory is free just the same
  if (result.release !== undefined) onceClosed(reply.raw, result.release);
  computed(result.timings, result.answered);
  return result;
}

/** Copies a small body that needs more work than the event loop may do at once into memory for a worker. @throws RequestError OVERLOADED */
function copied(bytes: Buffer, reservation: BodyReservation): IncomingBody {
  const body = reservation.take(bytes.length);
  writerOf(body)(bytes);
  return { body, whole: Promise.resolve() };
}
