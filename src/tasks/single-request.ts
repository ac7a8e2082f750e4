import { holdsLong, jsonText, piecesOf, writePieces } from '../formats/json/stringify.ts';
import type { Reader } from '../formats/read-request.ts';
import type { Source } from '../memory/shared-body.ts';
import type { WarningCode } from '../warnings/warnings.ts';
import { safetensorsAnswer } from './safetensors-response.ts';
import { type Solved, solve } from './solve.ts';
import type { Answered, Job, Tools } from './task.ts';

/** A body that is one request, `read` in some format, and answered with what `answer` makes of it. */
export function single(read: Reader, answer: (solved: Solved) => object, mostElements = Number.POSITIVE_INFINITY): (job: Job) => Answered {
  return ({ work, source, tools, lap }) => {
    const { maxElements } = work.limits;
    const request = lap('parse', read(source, work.query, maxElements, tools.scanTensor));
    const solved = lap('compute', solve(request, { maxElements: Math.min(maxElements, mostElements) }, tools));
    const content = lap('encode', work.accepts === 'json' ? textOf(answer(solved), source, tools) : safetensorsAnswer(solved));
    return { content, elements: elementsOf(solved), warnings: codesOf(solved) };
  };
}

/** How many elements each tensor of a request has. */
export function elementsOf({ axes }: Solved): number {
  return axes.starts.length * axes.steps.length;
}

export function codesOf({ warnings }: Solved): WarningCode[] {
  return warnings.map(({ code }) => code);
}

/** In a thread a long answer takes the place of its request, which is done with: other memory would be new. */
function textOf(answer: object, { bytes }: Source, { writesInPlace, check }: Tools): string | Uint8Array {
  return writesInPlace && holdsLong(answer) ? writePieces(piecesOf(answer), bytes, check) : jsonText(answer);
}
