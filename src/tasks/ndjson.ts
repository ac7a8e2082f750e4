import { RequestError } from '../errors/request-error.ts';
import { readLine } from '../formats/json/read-batch.ts';
import { holdsLazyJson, jsonChunks, jsonText, writeChunks } from '../formats/json/stringify.ts';
import { eachLine, isBlank } from '../formats/ndjson.ts';
import { answerItem, type BatchContext, newTotals, refusedItem, summaryOf } from './batch-item.ts';
import type { Limits, TaskContext, TaskOutput } from './task.ts';
import { workPerByte, workPerLine } from './work.ts';

/** Lines that are a request each, answered with a line each. Blank ones are none. */
export function lines({ input, body, tools, lap }: TaskContext): TaskOutput {
  const { bytes } = body;
  body.waitFor(bytes.length);
  tools.spend?.(bytes.length * workPerByte);
  const context = { problemContext: input.problemContext, tools, totals: newTotals() };
  const answers: (string | Buffer)[] = [];
  eachLine(bytes, (start, end) => {
    if (!isBlank(bytes, start, end)) answers.push(answerLine(bytes.subarray(start, end), input.limits, context));
  });
  return { content: lap('compute', () => joined(answers)), ...summaryOf(context.totals) };
}

function answerLine(line: Buffer, { maxElements }: Limits, context: BatchContext): string | Buffer {
  context.tools.spend?.(workPerLine);
  const item = readLine(line, maxElements);
  try {
    const answer = answerItem(item, context);
    return holdsLazyJson(answer) ? writeChunks(asLine(jsonChunks(answer)), undefined, context.tools.check) : `${jsonText(answer)}\n`;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // too long to be written, after it was answered
    context.totals.answered--;
    context.totals.refused++;
    return `${jsonText(refusedItem(error, context.problemContext, item.id))}\n`;
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
