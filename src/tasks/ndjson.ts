import { type Item, lineReader } from '../formats/json/read-batch.ts';
import { holdsLazyJson, jsonChunks, jsonText, writeChunks } from '../formats/json/write/stringify.ts';
import { eachLine, isBlank } from '../formats/ndjson.ts';
import { freeingArrays } from '../memory/task-memory.ts';
import type { BatchContract } from '../schema/parse-batch.ts';
import { answerItem, type BatchContext, newTotals, summaryOf } from './batch-item.ts';
import { workPerByte, workPerLine } from './solve/work.ts';
import { type Content, lengthOf, type TaskContext, type TaskOutput } from './task.ts';

/** Lines that are a request each, answered with a line each. Blank ones are none. */
export function lines(contract: BatchContract): (task: TaskContext) => TaskOutput {
  const readLine = lineReader(contract);
  return (task) => answerLines(task, readLine);
}

type LineReader = ReturnType<typeof lineReader>;

function answerLines({ input, body, tools, lap }: TaskContext, readLine: LineReader): TaskOutput {
  const { bytes } = body;
  body.waitFor(bytes.length);
  tools.spend?.(bytes.length * workPerByte);
  const context = { problemContext: input.problemContext, tools, totals: newTotals(), written: 0 };
  const answers: Content[] = [];
  eachLine(bytes, (start, end) => {
    if (isBlank(bytes, start, end)) return;
    tools.spend?.(workPerLine);
    const answer = freeingArrays(() => answerLine(readLine(bytes.subarray(start, end), input.limits.maxElements), context));
    context.written += lengthOf(answer);
    answers.push(answer);
  });
  return { content: lap('compute', () => joined(answers)), ...summaryOf(context.totals) };
}

function answerLine(item: Item, context: BatchContext): Content {
  const answer = answerItem(item, context);
  return holdsLazyJson(answer) ? writeChunks(asLine(jsonChunks(answer)), undefined, context.tools.check) : `${jsonText(answer)}\n`;
}

function* asLine(pieces: Iterable<string>): Generator<string> {
  yield* pieces;
  yield '\n';
}

function joined(answers: readonly Content[]): Content {
  if (answers.length === 1) return answers[0];
  if (answers.every((answer) => typeof answer === 'string')) return answers.join('');
  return answers.flatMap((answer) => (typeof answer === 'string' ? Buffer.from(answer) : answer));
}
