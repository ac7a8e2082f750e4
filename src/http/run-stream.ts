import { pipeline, type Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { Query } from '../formats/divergence-request.ts';
import { refuseQuery } from '../formats/json/read-request.ts';
import { freeChunk } from '../memory/free-chunk.ts';
import { writerOf } from '../memory/shared-body.ts';
import { refusedItem } from '../tasks/batch-item.ts';
import { now } from '../tasks/clock.ts';
import { deadlineExceeded, onDeadline } from '../tasks/deadline.ts';
import { type Content, errorOf, type TaskInput, type TaskResult } from '../tasks/task.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import { createOrderedResponses } from './body/ordered-responses.ts';
import { reserveLines, reserveStream } from './body/reservation.ts';
import { type Block, createLineSplitter, type Lines } from './body/split-lines.ts';
import { goneSignal, onceClosed, refuseGone } from './connection/on-close.ts';
import { openStream } from './connection/stream-timeout.ts';
import { timeoutHeader } from './headers/request-timeout.ts';
import { clientOf } from './hooks/authentication.ts';
import { mediaTypes } from './hooks/content-type.ts';
import { recordRejection } from './hooks/error-handler.ts';
import { type TaskService, taskInputFor } from './run-task.ts';

/**
 * Answers a stream of lines, each a request, with a line each, as they come and in their order; the last line has the totals.
 * @throws RequestError INVALID_VALUE, SHUTTING_DOWN, BAD_REQUEST, OVERLOADED, before anything is answered
 */
export function respondWithLines(request: FastifyRequest, reply: FastifyReply, service: TaskService, payload: Readable): void {
  const { executor, limits, drain } = service;
  refuseQuery(request.query as Query);
  if (drain.draining) throw shuttingDown();
  const input = taskInputFor(request, reply, service, 'lines');
  refuseGone(reply);
  const reservation = reserveStream(executor, {
    client: () => clientOf(request),
    silentSince: () => stream.silentSince(),
    isAtWork: () => isAtWork(),
    giveUp: () => stream.giveUp(silent()),
  });
  onceClosed(reply.raw, reservation.release);
  const { answerBlock, totals, isAtWork } = createBlockAnswers(request, reply, service, input, (refusal) => stream.end(refusal));
  const blocks = createLineSplitter(limits.bodyLimitBytes, reservation.hold, executor.takeTurn);
  const answers = createOrderedResponses<Block>(executor.threads, answerBlock, totals);
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

/**
 * Answers blocks of lines, and counts what they come to.
 * @param onExceeded is told when the quota of the client is used up; the blocks that follow are refused
 */
function createBlockAnswers(
  request: FastifyRequest,
  reply: FastifyReply,
  { executor, limits }: TaskService,
  input: TaskInput,
  onExceeded: (refusal: RequestError) => void,
) {
  const gone = goneSignal(reply);
  const computed = { elements: 0, warnings: [] as WarningCode[], answered: 0, refused: 0 };
  request.computed = computed;
  let blocksAtWork = 0;
  let exceeded: RequestError | undefined;
  let isInline = true;

  function answerBlock(block: Block, done: (content: Content, release?: () => void) => void): void {
    if ('refused' in block) {
      done(refusals(block.refused, 1));
      return;
    }
    block.taken();
    if (exceeded !== undefined) {
      done(refusals(exceeded, block.count));
      return;
    }
    blocksAtWork++;
    charged(block)
      .catch((error) => ({ content: gone.aborted ? '' : refusals(asRefusal(error), block.count), release: () => {} }))
      .then(({ content, release }) => {
        blocksAtWork--;
        done(content, release);
      });
  }

  async function charged(block: Lines): Promise<Answer> {
    if (request.account === undefined) return compute(block);
    const settle = await request.account.reserveBlock(block.length).catch(endWhereExceeded);
    let elements = 0;
    try {
      const answered = await compute(block);
      elements = answered.elements;
      return answered;
    } finally {
      settle(elements);
    }
  }

  async function compute(lines: Lines): Promise<Answer & { readonly elements: number }> {
    const { release, ...result } = tryInline(lines) ?? (await runBlockInWorker(request, { executor, limits }, input, lines, gone));
    if (result.answered === undefined) throw errorOf(result.refused);
    const { content, elements, warnings, items } = result.answered;
    computed.elements += elements;
    computed.warnings = [...new Set([...computed.warnings, ...warnings])];
    computed.answered += items?.answered ?? 0;
    computed.refused += items?.refused ?? 0;
    return { content, elements, release };
  }

  /** Computes a block on the event loop, unless it is too much work. Then more of the same will follow, and the next are not tried. */
  function tryInline(lines: Lines): (TaskResult & Pick<Answer, 'release'>) | undefined {
    if (!isInline || lines.length > limits.inlineLimitBytes) return undefined;
    const result = executor.runInline(input, bytesOf(lines));
    isInline = result !== undefined;
    return result && { ...result, release: () => {} };
  }

  function endWhereExceeded(refusal: RequestError): never {
    exceeded = refusal;
    onExceeded(refusal);
    throw refusal;
  }

  function refusals(error: RequestError, count: number): string {
    computed.refused += count;
    return `${JSON.stringify(refusedItem(error, input.problemContext))}\n`.repeat(count);
  }

  function asRefusal(error: Error): RequestError {
    if (error instanceof RequestError) return error;
    request.log.error({ request_id: request.id, err: error }, 'lines of a stream failed');
    return refuse('INTERNAL', '#', 'the service failed to answer this line');
  }

  function totals(): string {
    const { answered, refused } = computed;
    return `${JSON.stringify({ totals: { lines: answered + refused, answered, refused } })}\n`;
  }
  return { answerBlock, totals, isAtWork: () => blocksAtWork > 0 };
}

function bytesOf({ chunks }: Lines): Buffer {
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/** What lines are answered with, whose memory is held until `release`. */
type Answer = { readonly content: Content; readonly release: () => void };

/** Has a block computed by a worker. */
async function runBlockInWorker(
  request: FastifyRequest,
  { executor, limits }: Pick<TaskService, 'executor' | 'limits'>,
  input: TaskInput,
  { chunks, length }: Lines,
  gone: AbortSignal,
): Promise<TaskResult & Pick<Answer, 'release'>> {
  const blockInput = { ...input, deadline: now() + limits.requestTimeoutMs };
  const reservation = reserveLines(executor, blockInput, length, { client: () => clientOf(request) });
  try {
    const { claimBeside, holdElements } = reservation;
    const body = reservation.take(length);
    const write = writerOf(body);
    for (const chunk of chunks) write(chunk);
    // who cut them from the stream may still be at it
    queueMicrotask(() => chunks.forEach(freeChunk));
    const { release: _, ...done } = await executor.runInWorker(
      blockInput,
      { body, whole: Promise.resolve(), claimBeside, holdElements },
      gone,
    );
    reservation.computed(done.timings, done.answered);
    return { ...done, release: reservation.release };
  } catch (error) {
    reservation.release();
    throw error;
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
