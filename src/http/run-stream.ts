import { pipeline, type Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { Query } from '../formats/divergence-request.ts';
import { refuseQuery } from '../formats/json/read-request.ts';
import { writerOf } from '../memory/shared-body.ts';
import type { Executor } from '../pool/executor.ts';
import { laneOf } from '../pool/lanes.ts';
import type { ExecutorResult } from '../pool/run-in-worker.ts';
import { refusedItem } from '../tasks/batch-item.ts';
import { now } from '../tasks/clock.ts';
import { deadlineExceeded, onDeadline } from '../tasks/deadline.ts';
import { errorOf, type TaskInput, type TaskOutput } from '../tasks/task.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import { type Content, createOrderedResponses } from './body/ordered-responses.ts';
import { reserveBody } from './body/reservation.ts';
import { type Block, createLineSplitter, type Lines } from './body/split-lines.ts';
import { goneSignal, onceClosed, refuseGone } from './connection/on-close.ts';
import { openStream } from './connection/stream-timeout.ts';
import { timeoutHeader } from './headers/request-timeout.ts';
import { mediaTypes } from './hooks/content-type.ts';
import { recordRejection } from './hooks/error-handler.ts';
import { type TaskService, taskInputFor } from './run-task.ts';

/** A line takes ten microseconds or more, however short it is: so many are computed on the event loop at once. */
const inlineLines = 100;

const aStream = { lane: 'stream', bytes: 0, elements: 0 } as const;

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
  const reservation = executor.reserve(aStream);
  onceClosed(reply.raw, reservation.release);

  const { answerBlock, totals, isAtWork } = createBlockAnswers(request, reply, service, input, (refusal) => end(refusal));
  const blocks = createLineSplitter(limits.bodyLimitBytes, (bytes) => reservation.claim({ ...aStream, bytes }));
  const answers = createOrderedResponses<Block>(executor.threads, answerBlock, totals);
  // the pipeline fails only when the client has gone
  pipeline(blocks, answers, () => payload.unpipe(blocks));
  const end = openStream(request.raw, reply.raw, payload, { breakOff, isAtWork });
  drain.enterStream(reply.raw, { isAtWork, end: () => end(shuttingDown()) });
  endAtDeadline(request, reply, input, () => end(deadlineExceeded()));
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

  function answerBlock(block: Block, done: (content: Content) => void): void {
    if ('refused' in block) {
      done(refusals(block.refused, 1));
      return;
    }
    if (exceeded !== undefined) {
      done(refusals(exceeded, block.count));
      return;
    }
    blocksAtWork++;
    charged(block)
      .catch((error) => (gone.aborted ? '' : refusals(asRefusal(error), block.count)))
      .then((content) => {
        blocksAtWork--;
        done(content);
      });
  }

  async function charged(block: Lines): Promise<Content> {
    if (request.account === undefined) return (await compute(block)).content;
    const settle = await request.account.reserveBlock(block.bytes.length).catch(endWhereExceeded);
    let elements = 0;
    try {
      const answered = await compute(block);
      elements = answered.elements;
      return answered.content;
    } finally {
      settle(elements);
    }
  }

  async function compute({ bytes, count }: Lines): Promise<TaskOutput> {
    const isSmall = bytes.length <= limits.inlineLimitBytes && count <= inlineLines;
    const result = isSmall ? executor.runInline(input, bytes) : await runBlockInWorker(executor, limits, input, bytes, gone);
    if (result.answered === undefined) throw errorOf(result.refused);
    const { elements, warnings, items } = result.answered;
    computed.elements += elements;
    computed.warnings = [...new Set([...computed.warnings, ...warnings])];
    computed.answered += items?.answered ?? 0;
    computed.refused += items?.refused ?? 0;
    return result.answered;
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

/** Has a block computed by a worker. A line that is large alone is admitted as a large request; a block of many lines is small. */
async function runBlockInWorker(
  executor: Executor,
  limits: TaskService['limits'],
  input: TaskInput,
  bytes: Buffer,
  gone: AbortSignal,
): Promise<ExecutorResult> {
  const blockInput = { ...input, deadline: now() + limits.requestTimeoutMs };
  const isLarge = laneOf(bytes.length) === 'large';
  const reservation = isLarge ? reserveBody(executor, blockInput, limits.inlineLimitBytes, bytes.length) : undefined;
  try {
    const body = reservation?.take(bytes.length) ?? executor.allocateBody(blockInput, bytes.length);
    writerOf(body)(bytes);
    return await executor.runInWorker(blockInput, { body, whole: Promise.resolve() }, gone);
  } finally {
    reservation?.release();
  }
}

/** A stream may last as long as it likes, unless its client says how long. */
function endAtDeadline({ headers }: FastifyRequest, { raw }: FastifyReply, { deadline }: TaskInput, end: () => void): void {
  if (headers[timeoutHeader] === undefined) return;
  raw.once('close', onDeadline(deadline, end));
}

function shuttingDown(): RequestError {
  return refuse('SHUTTING_DOWN', '#', 'this instance is shutting down');
}
