import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, refuse } from '../errors/request-error.ts';
import { errorOf } from '../errors/sent-error.ts';
import { freeChunk } from '../memory/free-chunk.ts';
import { writerOf } from '../memory/shared-body.ts';
import type { Executor } from '../pool/executor.ts';
import { refusedItem } from '../tasks/batch-item.ts';
import { now } from '../tasks/deadline.ts';
import type { Content, TaskInput, TaskResult } from '../tasks/task.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import { reserveLines } from './body/reservation.ts';
import type { Block, Lines } from './body/split-lines.ts';
import { goneSignal } from './connection/on-close.ts';
import { clientOf } from './hooks/authentication.ts';
import type { TaskService } from './run-task.ts';

/**
 * Answers blocks of lines, and counts what they come to.
 * @param onExceeded is told when the quota of the client is used up; the blocks that follow are refused
 */
export function createBlockAnswers(
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
  const tryInline = inlineAttempts(executor, limits, input);

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
      .catch((error) => ({ content: gone.aborted ? '' : refusals(asRefusal(request, error), block.count), release: () => {} }))
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

  function endWhereExceeded(refusal: RequestError): never {
    exceeded = refusal;
    onExceeded(refusal);
    throw refusal;
  }

  function refusals(error: RequestError, count: number): string {
    computed.refused += count;
    return `${JSON.stringify(refusedItem(error, input.problemContext))}\n`.repeat(count);
  }

  function totals(): string {
    const { answered, refused } = computed;
    return `${JSON.stringify({ totals: { lines: answered + refused, answered, refused } })}\n`;
  }
  return { answerBlock, totals, isAtWork: () => blocksAtWork > 0 };
}

/** Returns what computes a block on the event loop. Once one is too much work, more of the same will follow, and none is tried. */
function inlineAttempts(executor: Executor, { inlineLimitBytes }: TaskService['limits'], input: TaskInput) {
  let isInline = true;
  return (lines: Lines): (TaskResult & Pick<Answer, 'release'>) | undefined => {
    if (!isInline || lines.length > inlineLimitBytes) return undefined;
    const result = executor.runInline(input, bytesOf(lines));
    isInline = result !== undefined;
    return result && { ...result, release: () => {} };
  };
}

function asRefusal(request: FastifyRequest, error: Error): RequestError {
  if (error instanceof RequestError) return error;
  request.log.error({ request_id: request.id, err: error }, 'lines of a stream failed');
  return refuse('INTERNAL', '#', 'the service failed to answer this line');
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
    // the splitter that cut these lines may still be reading the chunks
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
