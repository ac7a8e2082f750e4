import { RequestError } from '../errors/request-error.ts';
import { holdsLong, jsonText, piecesOf, writePieces } from '../formats/json/stringify.ts';
import { eachLine, isBlank } from '../formats/ndjson.ts';
import { readLine } from '../formats/read-batch.ts';
import { answerItem, type Desk, newAccount, refusedItem, summaryOf } from './batch-item.ts';
import type { Answered, Job } from './task.ts';

/** Lines that are a request each, answered with a line each. Blank ones are none. */
export function lines({ work, source, tools, lap }: Job): Answered {
  const { bytes } = source;
  source.upTo(bytes.length);
  const desk = { limits: work.limits, occurrence: work.occurrence, tools, account: newAccount() };
  const answers: (string | Buffer)[] = [];
  eachLine(bytes, (start, end) => {
    if (!isBlank(bytes, start, end)) answers.push(answerLine(bytes.subarray(start, end), desk));
  });
  return { content: lap('compute', joined(answers)), ...summaryOf(desk.account) };
}

function answerLine(line: Buffer, desk: Desk): string | Buffer {
  const item = readLine(line, desk.limits.maxElements);
  try {
    const answer = answerItem(item, desk);
    return holdsLong(answer) ? writePieces(asLine(piecesOf(answer)), undefined, desk.tools.check) : `${jsonText(answer)}\n`;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // too long to be written, after it was answered
    desk.account.answered--;
    desk.account.refused++;
    return `${jsonText(refusedItem(error, desk.occurrence, item.id))}\n`;
  }
}

function* asLine(pieces: Iterable<string>): Generator<string> {
  yield* pieces;
  yield '\n';
}

function joined(answers: readonly (string | Buffer)[]): string | Buffer {
  if (answers.length === 1) return answers[0];
  return answers.every((answer) => typeof answer === 'string')
    ? answers.join('')
    : Buffer.concat(answers.map((answer) => Buffer.from(answer)));
}
