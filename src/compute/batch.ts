import { piecesOf, writePieces } from '../result/json-text.ts';
import { type Item, readBatch } from '../wire/read-item.ts';
import { answerItem, type Desk, newAccount, summaryOf } from './item.ts';
import type { Answered, Job } from './work.ts';

const noBytes = Buffer.alloc(0);

/**
 * A body that holds a list of requests, answered with a list of answers. Each is written as soon as it is computed, in a thread over the
 * requests, which have been read. @throws RequestError where the list itself cannot be read
 */
export function batch({ work, source, tools, lap }: Job): Answered {
  const desk = { limits: work.limits, occurrence: work.occurrence, tools, account: newAccount() };
  const items = lap('parse', readBatch(source, work.query, work.limits.maxElements));
  const content = writePieces(piecesOfAnswers(items, desk, lap), tools.writesInPlace ? source.bytes : noBytes);
  return { content, ...summaryOf(desk.account) };
}

function* piecesOfAnswers(items: readonly Item[], desk: Desk, lap: Job['lap']): Generator<string> {
  let before = '{"items":[';
  for (const item of items) {
    const answer = lap('compute', answerItem(item, desk));
    yield before;
    yield* piecesOf(answer);
    before = lap('encode', ',');
  }
  yield ']}';
}
