import { computing } from '../errors/request-error.ts';
import { type Item, readBatch } from '../formats/json/read-batch.ts';
import { jsonChunks, writeChunks } from '../formats/json/write/stringify.ts';
import { arraysSoFar, freeArraysSince } from '../memory/task-memory.ts';
import type { BatchContract } from '../schema/parse-batch.ts';
import { answerItem, type BatchContext, newTotals, summaryOf } from './batch-item.ts';
import type { TaskContext, TaskOutput } from './task.ts';

/**
 * A body that holds a list of requests, answered with a list of answers. Each is written as soon as it is computed, in a thread over the
 * requests, which have been read. @throws RequestError where the list itself cannot be read
 */
export const batch =
  (contract: BatchContract) =>
  ({ input, body, tools, lap }: TaskContext): TaskOutput => {
    const inPlace = tools.writesInPlace ? body.bytes.length : 0;
    const context = { problemContext: input.problemContext, tools, totals: newTotals(), written: 0, inPlace };
    const items = lap('parse', () => readBatch(contract, body, input.query, input.limits.maxElements, tools.scanItems));
    const content = computing(
      () => context.totals.elements,
      () => writeChunks(counted(piecesOfAnswers(items, context, lap), context), tools.writesInPlace ? body.bytes : undefined, tools.check),
    );
    return { content, ...summaryOf(context.totals) };
  };

function* counted(pieces: Iterable<string>, context: BatchContext): Generator<string> {
  for (const piece of pieces) {
    yield piece;
    context.written += piece.length;
  }
}

/** Elements and answers that are written at once. */
const atOnce = { elements: 2 ** 12, answers: 100 };

function* piecesOfAnswers(items: readonly Item[], context: BatchContext, lap: TaskContext['lap']): Generator<string> {
  const { totals } = context;
  let few: object[] = [];
  let written = 0;
  let before = '{"items":[';
  const arrays = arraysSoFar();
  for (const [index, item] of items.entries()) {
    const had = totals.elements;
    const answer = answerItem(item, context);
    const isLong = totals.elements - had > atOnce.elements;
    if (!isLong) few.push(answer);
    const isFull = isLong || few.length === atOnce.answers || totals.elements - written > atOnce.elements || index === items.length - 1;
    if (!isFull) continue;
    lap('compute', () => few);
    if (few.length > 0) {
      yield before + JSON.stringify(few).slice(1, -1);
      before = ',';
    }
    if (isLong) {
      yield before;
      yield* jsonChunks(answer);
      before = ',';
    }
    few = [];
    freeArraysSince(arrays);
    written = lap('encode', () => totals.elements);
  }
  yield items.length === 0 ? `${before}]}` : ']}';
}
