import { piecesOf, writePieces } from '../formats/json/stringify.ts';
import { type Item, readBatch } from '../formats/read-batch.ts';
import { answerItem, type Desk, newAccount, summaryOf } from './batch-item.ts';
import type { Answered, Job } from './task.ts';

/**
 * A body that holds a list of requests, answered with a list of answers. Each is written as soon as it is computed, in a thread over the
 * requests, which have been read. @throws RequestError where the list itself cannot be read
 */
export function batch({ work, source, tools, lap }: Job): Answered {
  const desk = { limits: work.limits, occurrence: work.occurrence, tools, account: newAccount() };
  const items = lap('parse', readBatch(source, work.query, work.limits.maxElements));
  const content = writePieces(piecesOfAnswers(items, desk, lap), tools.writesInPlace ? source.bytes : undefined, tools.check);
  return { content, ...summaryOf(desk.account) };
}

/** Elements and answers that are written at once. */
const atOnce = { elements: 2 ** 12, answers: 100 };

function* piecesOfAnswers(items: readonly Item[], desk: Desk, lap: Job['lap']): Generator<string> {
  const { account } = desk;
  let few: object[] = [];
  let written = 0;
  let before = '{"items":[';
  for (const [index, item] of items.entries()) {
    const had = account.elements;
    const answer = answerItem(item, desk);
    const isLong = account.elements - had > atOnce.elements;
    if (!isLong) few.push(answer);
    const isFull = isLong || few.length === atOnce.answers || account.elements - written > atOnce.elements || index === items.length - 1;
    if (!isFull) continue;
    lap('compute', few);
    if (few.length > 0) {
      yield before + JSON.stringify(few).slice(1, -1);
      before = ',';
    }
    if (isLong) {
      yield before;
      yield* piecesOf(answer);
      before = ',';
    }
    few = [];
    written = lap('encode', account.elements);
  }
  yield items.length === 0 ? `${before}]}` : ']}';
}
