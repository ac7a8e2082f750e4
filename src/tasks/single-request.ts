import type { Reader } from '../formats/divergence-request.ts';
import { holdsLazyJson, jsonChunks, jsonText, writeChunks } from '../formats/json/stringify.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import { safetensorsAnswer } from './safetensors-response.ts';
import { type Solution, solve } from './solve.ts';
import type { TaskContext, TaskOutput, WorkerTools } from './task.ts';

/** A body that is one request, `read` in some format, and answered with what `answer` makes of it. */
export function single(
  read: Reader,
  answer: (solved: Solution) => object,
  mostElements = Number.POSITIVE_INFINITY,
): (job: TaskContext) => TaskOutput {
  return ({ input, body, tools, lap }) => {
    const maxElements = Math.min(input.limits.maxElements, mostElements);
    const request = lap('parse', () => read(body, input.query, maxElements, tools.scanTensor));
    const solved = lap('compute', () => solve(request, tools));
    const content = lap('encode', () => (input.accepts === 'json' ? textOf(answer(solved), body, tools) : safetensorsAnswer(solved)));
    return { content, elements: solved.elements, warnings: codesOf(solved) };
  };
}

export function codesOf({ warnings }: Solution): WarningCode[] {
  return warnings.map(({ code }) => code);
}

/** In a thread a long answer takes the place of its request, which is done with: other memory would be new. */
function textOf(answer: object, { bytes }: BodyReader, { writesInPlace, check }: WorkerTools): string | Uint8Array {
  return writesInPlace && holdsLazyJson(answer) ? writeChunks(jsonChunks(answer), bytes, check) : jsonText(answer);
}
