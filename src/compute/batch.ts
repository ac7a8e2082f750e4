import { jsonText } from '../result/json-text.ts';
import { readBatch } from '../wire/read-item.ts';
import { answerItem, newAccount, summaryOf } from './item.ts';
import type { Answered, Job } from './work.ts';

/** A body that holds a list of requests, answered with a list of answers. @throws RequestError where the list itself cannot be read */
export function batch({ work, source, tools, lap }: Job): Answered {
  const desk = { limits: work.limits, occurrence: work.occurrence, tools, account: newAccount() };
  const items = lap('parse', readBatch(source, work.query, work.limits.maxElements));
  const answers = lap(
    'compute',
    items.map((item) => answerItem(item, desk)),
  );
  return { content: lap('encode', jsonText({ items: answers })), ...summaryOf(desk.account) };
}
