import { pipeline, type Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type RequestError, refuse } from '../errors/request-error.ts';
import type { Query } from '../formats/divergence-request.ts';
import { refuseQuery } from '../formats/json/read-request.ts';
import { deadlineExceeded, onDeadline } from '../tasks/deadline.ts';
import type { TaskInput } from '../tasks/task.ts';
import { createBlockAnswers } from './answer-lines.ts';
import { decoderBytes } from './body/compression.ts';
import { createOrderedResponses } from './body/ordered-responses.ts';
import { reserveStream } from './body/reservation.ts';
import { type Block, createLineSplitter } from './body/split-lines.ts';
import { onceClosed, refuseGone } from './connection/on-close.ts';
import { openStream } from './connection/stream-timeout.ts';
import { contentCodingOf } from './headers/content-coding.ts';
import { timeoutHeader } from './headers/request-timeout.ts';
import { clientOf } from './hooks/authentication.ts';
import { mediaTypes } from './hooks/content-type.ts';
import { recordRejection } from './hooks/error-handler.ts';
import { type TaskService, taskInputFor } from './run-task.ts';

/**
 * Answers a stream of lines, each a request, with a line each, as they come and in their order; the last line has the totals.
 * @throws RequestError INVALID_VALUE, SHUTTING_DOWN, BAD_REQUEST, OVERLOADED, before anything is answered
 */
export function respondWithLines(
  request: FastifyRequest,
  reply: FastifyReply,
  service: TaskService,
  payload: Readable,
  task: TaskInput['task'],
): void {
  const { executor, limits, drain } = service;
  refuseQuery(request.query as Query);
  if (drain.draining) throw shuttingDown();
  const input = taskInputFor(request, reply, service, task);
  refuseGone(reply);
  const reservation = reserveStream(executor, {
    client: () => clientOf(request),
    silentSince: () => stream.silentSince(),
    isAtWork: () => isAtWork(),
    decoder: decoderBytes(contentCodingOf(request.headers)),
    giveUp: () => stream.giveUp(silent()),
  });
  onceClosed(reply.raw, reservation.release);
  const { answerBlock, totals, isAtWork } = createBlockAnswers(request, reply, service, input, (refusal) => stream.end(refusal));
  const blocks = createLineSplitter(limits.bodyLimitBytes, reservation.hold, executor.takeTurn);
  const answers = createOrderedResponses<Block>(executor.threads, answerBlock, totals, reply.raw);
  // the pipeline fails only when the client has gone
  pipeline(blocks, answers, () => payload.unpipe(blocks));
  const stream = openStream(request.raw, reply.raw, payload, { breakOff, isAtWork });
  drain.enterStream(reply.raw, { isAtWork, end: () => stream.end(shuttingDown()) });
  endAtDeadline(request, reply, input, () => stream.end(deadlineExceeded()));
  // a client may wait for the headers, or for 100 Continue, before it sends its first line
  payload.once('resume', () => reply.raw.headersSent || reply.raw.flushHeaders());
  payload.pipe(blocks);
  reply.type(mediaTypes.lines[0]).send(answers);

  function breakOff(why: RequestError): void {
    recordRejection(request, why);
    payload.unpipe(blocks);
    // lines that came before the break are answered
    for (let rest = payload.read(); rest !== null; rest = payload.read()) blocks.write(rest);
    blocks.end(why);
  }
}

/** A stream may last as long as it likes, unless its client says how long. */
function endAtDeadline({ headers }: FastifyRequest, { raw }: FastifyReply, { deadline }: TaskInput, end: () => void): void {
  if (headers[timeoutHeader] === undefined) return;
  raw.once('close', onDeadline(deadline, end));
}

function silent(): RequestError {
  return refuse(
    'REQUEST_TIMEOUT',
    '#',
    'the stream was silent while another request needed its room; open a stream when there are lines to send',
  );
}

function shuttingDown(): RequestError {
  return refuse('SHUTTING_DOWN', '#', 'this instance is shutting down');
}
