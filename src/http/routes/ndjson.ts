import { pipeline, type Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, refuse } from '../../errors/request-error.ts';
import type { Query } from '../../formats/divergence-request.ts';
import { refuseQuery } from '../../formats/json/read-request.ts';
import { writerOf } from '../../memory/shared-body.ts';
import type { ExecutorReply } from '../../pool/executor.ts';
import { laneOf } from '../../pool/lanes.ts';
import { refusedItem } from '../../tasks/batch-item.ts';
import { now } from '../../tasks/clock.ts';
import { deadlineExceeded } from '../../tasks/deadline.ts';
import type { TaskInput } from '../../tasks/task.ts';
import type { WarningCode } from '../../warnings/warnings.ts';
import { type Content, createOrderedResponses } from '../body/ordered-responses.ts';
import { reserveBody } from '../body/reservation.ts';
import { type Block, createLineSplitter, type Lines } from '../body/split-lines.ts';
import { onceClosed } from '../connection/on-close.ts';
import { openStream } from '../connection/stream-timeout.ts';
import { onDeadline, timeoutHeader } from '../headers/request-timeout.ts';
import { mediaTypes } from '../hooks/content-type.ts';
import { recordRejection } from '../hooks/error-handler.ts';
import { goneSignal, refuseGone, type TaskService, taskInputFor } from '../run-task.ts';

/** A line takes ten microseconds or more, however short it is: so many are computed on the event loop at once. */
const inlineLines = 100;

const aStream = { lane: 'stream', bytes: 0, elements: 0 } as const;

/** Answers a stream of lines, each a request, with a line each, as they come and in their order; the last line has the totals. */
export function answerLines(request: FastifyRequest, reply: FastifyReply, service: TaskService, payload: Readable): void {
  const { executor, limits, drain } = service;
  refuseQuery(request.query as Query);
  if (drain.draining) throw shuttingDown();
  const input = taskInputFor(request, reply, service, 'lines');
  refuseGone(reply);
  const place = executor.reserve(aStream);
  onceClosed(reply.raw, place.release);
  const gone = goneSignal(reply);
  const computed = { elements: 0, warnings: [] as WarningCode[], answered: 0, refused: 0 };
  request.computed = computed;
  // blocks that the client waits for
  let atWork = 0;
  let exceeded: RequestError | undefined;

  const blocks = createLineSplitter(limits.bodyLimitBytes, (bytes) => place.claim({ ...aStream, bytes }));
  const answers = createOrderedResponses<Block>(executor.threads, answerBlock, totals);
  // only what is gone breaks it
  pipeline(blocks, answers, () => payload.unpipe(blocks));
  const isAtWork = () => atWork > 0;
  const end = openStream(request.raw, reply.raw, payload, { breakOff, isAtWork });
  drain.enterStream(reply.raw, { isAtWork, end: () => end(shuttingDown()) });
  endAtDeadline(request, reply, input, () => end(deadlineExceeded()));
  // a client may wait for the headers before it sends its first line, or for the word to send anything, which comes before them
  payload.once('resume', () => reply.raw.headersSent || reply.raw.flushHeaders());
  payload.pipe(blocks);
  reply.type(mediaTypes.lines[0]).send(answers);

  function breakOff(why: RequestError): void {
    recordRejection(request, why);
    payload.unpipe(blocks);
    // what came before the break
    for (let rest = payload.read(); rest !== null; rest = payload.read()) blocks.write(rest);
    blocks.end(why);
  }

  function answerBlock(block: Block, done: (content: Content) => void): void {
    if ('refused' in block) {
      done(refusals(block.refused, 1));
      return;
    }
    if (exceeded !== undefined) {
      done(refusals(exceeded, block.count));
      return;
    }
    atWork++;
    compute(block)
      .catch((error) => (gone.aborted ? '' : refusals(asRefusal(error), block.count)))
      .then((content) => {
        atWork--;
        done(content);
      });
  }

  async function compute({ bytes, count }: Lines): Promise<Content> {
    const isSmall = bytes.length <= limits.inlineLimitBytes && count <= inlineLines;
    const { outcome } = isSmall ? executor.runInline(input, bytes) : await inThread(bytes);
    if (outcome.answered === undefined) throw new RequestError(outcome.refused.faults);
    const { content, elements, warnings, items } = outcome.answered;
    computed.elements += elements;
    request.account?.charge(elements).then(endWhereExceeded);
    computed.warnings = [...new Set([...computed.warnings, ...warnings])];
    computed.answered += items?.answered ?? 0;
    computed.refused += items?.refused ?? 0;
    return content;
  }

  /** A block of many lines is small; a line that is large alone takes its place among the large requests. */
  async function inThread(bytes: Buffer): Promise<ExecutorReply> {
    const blockWork = { ...input, deadline: now() + limits.requestTimeoutMs };
    const room = laneOf(bytes.length) === 'large' ? reserveBody(executor, blockWork, limits.inlineLimitBytes, bytes.length) : undefined;
    try {
      const body = room === undefined ? executor.allocateBody(blockWork, bytes.length) : room.take(bytes.length);
      writerOf(body)(bytes);
      return await executor.runInWorker(blockWork, { body, whole: Promise.resolve() }, gone);
    } finally {
      room?.release();
    }
  }

  function endWhereExceeded(refusal: RequestError | undefined): void {
    if (refusal === undefined) return;
    exceeded = refusal;
    end(refusal);
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
}

/** A stream may last as long as it likes, unless its client says how long. */
function endAtDeadline({ headers }: FastifyRequest, { raw }: FastifyReply, { deadline }: TaskInput, end: () => void): void {
  if (headers[timeoutHeader] === undefined) return;
  raw.once('close', onDeadline(deadline, end));
}

function shuttingDown(): RequestError {
  return refuse('SHUTTING_DOWN', '#', 'this instance is shutting down');
}
