import { pipeline, type Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refusedItem } from '../compute/item.ts';
import type { Done } from '../compute/workforce.ts';
import { RequestError, refuse } from '../errors.ts';
import type { WarningCode } from '../result/warnings.ts';
import { type Query, refuseQuery } from '../wire/read-request.ts';
import { writerOf } from '../wire/shared-body.ts';
import { mediaTypes } from './body.ts';
import { goneSignal, type Service, workFor } from './compute.ts';
import { type Content, inOrder } from './in-order.ts';
import { type Block, type Lines, lineBlocks } from './line-blocks.ts';
import { openStream } from './open-stream.ts';

/** A line takes ten microseconds or more, however short it is: so many are computed on the event loop at once. */
const inlineLines = 100;

/** Answers a stream of lines, each a request, with a line each, as they come and in their order; the last line has the totals. */
export function answerLines(request: FastifyRequest, reply: FastifyReply, service: Service, payload: Readable): void {
  const { workforce, limits } = service;
  refuseQuery(request.query as Query);
  const work = workFor(request, service, 'lines');
  const gone = goneSignal(reply);
  const computed = { elements: 0, warnings: [] as WarningCode[], answered: 0, refused: 0 };
  request.computed = computed;
  // blocks that the client waits for
  let atWork = 0;

  const blocks = lineBlocks(limits.bodyLimit);
  const answers = inOrder<Block>(workforce.threads, answerBlock, totals);
  // only what is gone breaks it
  pipeline(blocks, answers, () => payload.unpipe(blocks));
  openStream(request.raw, reply.raw, payload, { breakOff, isAtWork: () => atWork > 0 });
  payload.pipe(blocks);
  reply.type(mediaTypes.lines[0]).send(answers);
  // a client may wait for them before it sends its first line
  if (!reply.raw.headersSent) reply.raw.flushHeaders();

  function breakOff(why: RequestError): void {
    request.problem = why.code;
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
    atWork++;
    compute(block)
      .catch((error) => (gone.aborted ? '' : refusals(asRefusal(error), block.count)))
      .then((content) => {
        atWork--;
        done(content);
      });
  }

  async function compute({ bytes, count }: Lines): Promise<Content> {
    const isSmall = bytes.length <= limits.inlineLimit && count <= inlineLines;
    const { outcome } = isSmall ? workforce.small(work, bytes) : await inThread(bytes);
    if (outcome.answered === undefined) throw new RequestError(outcome.refused.faults);
    const { content, elements, warnings, tally } = outcome.answered;
    computed.elements += elements;
    computed.warnings = [...new Set([...computed.warnings, ...warnings])];
    computed.answered += tally?.answered ?? 0;
    computed.refused += tally?.refused ?? 0;
    return content;
  }

  function inThread(bytes: Buffer): Promise<Done> {
    const body = workforce.take(work, bytes.length);
    writerOf(body)(bytes);
    return workforce.large(work, { body, whole: Promise.resolve() }, gone);
  }

  function refusals(error: RequestError, count: number): string {
    computed.refused += count;
    return `${JSON.stringify(refusedItem(error, work.occurrence))}\n`.repeat(count);
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
