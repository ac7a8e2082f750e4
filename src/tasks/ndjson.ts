import { RequestError } from '../errors/request-error.ts';
import { type Item, lineReader } from '../formats/json/read-batch.ts';
import { holdsLazyJson, jsonChunks, jsonText, writeChunks } from '../formats/json/stringify.ts';
import { eachLine, isBlank } from '../formats/ndjson.ts';
import type { BatchContract } from '../schema/parse-batch.ts';
import { answerItem, type BatchContext, newTotals, refusedItem, summaryOf } from './batch-item.ts';
import type { TaskContext, TaskOutput } from './task.ts';

/** Lines that are a request each, answered with a line each. Blank ones are none. */
export function lines(contract: BatchContract): (task: TaskContext) => TaskOutput {
  const readLine = lineReader(contract);
  return (task) => answerLines(task, readLine);
}

type LineReader = ReturnType<typeof lineReader>;

function answerLines({ input, body, tools, lap }: TaskContext, readLine: LineReader): TaskOutput {
  const { bytes } = body;
  body.waitFor(bytes.length);
  const context = { problemContext: input.problemContext, tools, totals: newTotals() };
  const answers: (string | Buffer)[] = [];
  eachLine(bytes, (start, end) => {
    if (!isBlank(bytes, start, end)) answers.push(answerLine(readLine(bytes.subarray(start, end), input.limits.maxElements), context));
  });
  return { content: lap('compute', () => joined(answers)), ...summaryOf(context.totals) };
}

function answerLine(item: Item, context: BatchContext): string | Buffer {
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
