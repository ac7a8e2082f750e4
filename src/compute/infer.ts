import { refuse } from '../errors.ts';
import { atPlaces, placed } from '../wire/places.ts';
import { readInference } from '../wire/read-inference.ts';
import { now } from './clock.ts';
import { inferenceAnswer } from './inference-answer.ts';
import { codesOf, elementsOf } from './single.ts';
import { solve } from './solve.ts';
import type { Answered, Job } from './work.ts';

/** A body in the Open Inference Protocol. Its warnings and faults point into it. @throws RequestError */
export function infer({ work, source, tools, lap }: Job): Answered {
  const { limits, received, headerLength } = work;
  const inference = lap('parse', readInference(source, headerLength, limits.maxElements, tools.scanTensor));
  const { request, places, timeout } = inference;
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : received + timeout / 1000;
  if (timeout !== undefined) tools.onDeadline?.(deadline);
  checkDeadline(deadline);
  const solved = lap(
    'compute',
    atPlaces(places, () => solve(request, limits, tools.finder)),
  );
  checkDeadline(deadline);
  const warnings = solved.warnings.map((warning) => ({ ...warning, pointer: placed(warning.pointer, places) }));
  const content = lap('encode', inferenceAnswer({ ...solved, warnings }, inference));
  return { ...content, elements: elementsOf(solved), warnings: codesOf(solved) };
}

/** @throws RequestError DEADLINE_EXCEEDED */
function checkDeadline(deadline: number): void {
  if (now() > deadline) throw deadlineExceeded();
}

export function deadlineExceeded() {
  return refuse('DEADLINE_EXCEEDED', '#/parameters/timeout', 'the time that the request allows was over before its answer was ready');
}
