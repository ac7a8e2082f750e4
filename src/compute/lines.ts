import { RequestError } from '../errors.ts';
import { jsonText } from '../result/json-text.ts';
import { eachLine, isBlank } from '../wire/lines.ts';
import { readLine } from '../wire/read-item.ts';
import { answerItem, type Desk, newAccount, refusedItem, summaryOf } from './item.ts';
import type { Answered, Job } from './work.ts';

/** Lines that are a request each, answered with a line each. Blank ones are none. */
export function lines({ work, source, tools, lap }: Job): Answered {
  const { bytes } = source;
  source.upTo(bytes.length);
  const desk = { limits: work.limits, occurrence: work.occurrence, tools, account: newAccount() };
  const texts: string[] = [];
  eachLine(bytes, (start, end) => {
    if (!isBlank(bytes, start, end)) texts.push(answerLine(bytes.subarray(start, end), desk), '\n');
  });
  return { content: lap('compute', texts.join('')), ...summaryOf(desk.account) };
}

function answerLine(line: Buffer, desk: Desk): string {
  const item = readLine(line, desk.limits.maxElements);
  try {
    return jsonText(answerItem(item, desk));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // too long to be written, after it was answered
    desk.account.answered--;
    desk.account.refused++;
    return jsonText(refusedItem(error, desk.occurrence, item.id));
  }
}
