import { computing } from '../errors/request-error.ts';
import { layoutOfRequest, type Reader } from '../formats/divergence-request.ts';
import { holdsLazyJson, jsonChunks, jsonText, writeChunks } from '../formats/json/write/stringify.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import { safetensorsAnswer } from './safetensors-response.ts';
import { answerBytes, claimAnswer } from './solve/answer-size.ts';
import { type Solution, solve } from './solve/solve.ts';
import type { Content, TaskContext, TaskOutput, WorkerTools } from './task.ts';

/** A body that is one request, `read` in some format, and answered with what `answer` makes of it: at most what `bytesOf` says. */
export function single(
  read: Reader,
  answer: (solved: Solution) => object,
  mostElements = Number.POSITIVE_INFINITY,
  bytesOf = answerBytes,
): (task: TaskContext) => TaskOutput {
  return ({ input, body, tools, lap }) => {
    const maxElements = Math.min(input.limits.maxElements, mostElements);
    const request = lap('parse', () => read(body, input.query, maxElements, tools.scanTensor));
    const form = input.accepts === 'json' ? layoutOfRequest(request).form : 'bytes';
    const inPlace = tools.writesInPlace && form !== 'bytes' ? body.bytes.length : 0;
    const solved = lap('compute', () => solve(request, tools, (plan) => claimAnswer(bytesOf({ ...plan, form }), inPlace)));
    const { elements } = solved;
    const written = () => (input.accepts === 'json' ? textOf(answer(solved), body, tools) : safetensorsAnswer(solved));
    return { content: lap('encode', () => computing(() => elements, written)), elements, warnings: codesOf(solved) };
  };
}

export function codesOf({ warnings }: Solution): WarningCode[] {
  return warnings.map(({ code }) => code);
}

/** In a thread a long answer takes the place of its request, which is done with: other memory would be new. */
function textOf(answer: object, { bytes }: BodyReader, { writesInPlace, check }: WorkerTools): Content {
  return writesInPlace && holdsLazyJson(answer) ? writeChunks(jsonChunks(answer), bytes, check) : jsonText(answer);
}
