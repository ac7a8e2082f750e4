import { computing } from '../errors/request-error.ts';
import { type Item, readBatch } from '../formats/json/read-batch.ts';
import { jsonChunks, writeChunks } from '../formats/json/write/stringify.ts';
import { arraysSoFar, freeArraysSince } from '../memory/task-memory.ts';
import type { BatchContract } from '../schema/parse-batch.ts';
import { answersLike, atOnce, type Pattern, patternOf } from './alike-items.ts';
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

/**
 * The answers in the order of the items: an object, or its text where the item is like the last one that was answered alone. The numbers of
 * those are computed together.
 */
function* answersOf(items: readonly Item[], context: BatchContext): Generator<object | string> {
  const { totals } = context;
  let pattern: Pattern | undefined;
  for (let index = 0; index < items.length; ) {
    const texts = pattern && answersLike(pattern, items, index, context);
    for (const text of texts?.length ? texts : alone) {
      const item = items[index++];
      if (text === undefined || pattern === undefined) {
        yield answerItem(item, context, (request, solved) => {
          pattern = patternOf(item, request, solved);
        });
        continue;
      }
      totals.answered++;
      totals.elements += pattern.solved.elements;
      yield text;
    }
  }
}

const alone = [undefined];

function* piecesOfAnswers(items: readonly Item[], context: BatchContext, lap: TaskContext['lap']): Generator<string> {
  const { totals } = context;
  let few: (object | string)[] = [];
  let [written, had, index] = [0, 0, 0];
  let before = '{"items":[';
  let after = '';
  const arrays = arraysSoFar();
  for (const answer of answersOf(items, context)) {
    index++;
    const isLong = typeof answer !== 'string' && totals.elements - had > atOnce.elements;
    had = totals.elements;
    if (!isLong) few.push(answer);
    const isLast = index === items.length;
    const isFull = isLong || few.length === atOnce.answers || totals.elements - written > atOnce.elements || isLast;
    if (!isFull) continue;
    lap('compute', () => few);
    if (few.length > 0) {
      // a last piece of two bytes would have memory of its own, which is moved to the event loop
      after = isLast && !isLong ? end : '';
      yield joined(before, few, after);
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
  if (after === '') yield end;
}

const end = ']}';

/** Answers as one text, which V8 puts together once: so what stands around them is added to the first and the last. */
function joined(before: string, answers: readonly (object | string)[], after: string): string {
  const texts = answers.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  texts[0] = before + texts[0];
  texts[texts.length - 1] += after;
  return texts.join(',');
}
