import { attempt } from '../errors/fault-list.ts';
import { mapPointer, withPointers } from '../formats/inference/pointer-map.ts';
import { readInference } from '../formats/inference/read-request.ts';
import { parseJson } from '../formats/json/parse-json.ts';
import { now } from './clock.ts';
import { deadlineExceeded, timeoutPointer } from './deadline.ts';
import { inferenceAnswer } from './inference-response.ts';
import { codesOf } from './single-request.ts';
import { solve } from './solve.ts';
import type { TaskContext, TaskInput, TaskOutput } from './task.ts';

/** A body in the Open Inference Protocol. Its warnings and faults point into it. @throws RequestError */
export function infer({ input, body, tools, lap }: TaskContext): TaskOutput {
  const { limits, received, headerLength } = input;
  const inference = lap('parse', () => readInference(body, headerLength, limits.maxElements, tools.scanTensor));
  const { request, pointers, timeout } = inference;
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : received + timeout / 1000;
  if (timeout !== undefined) tools.onDeadline?.(deadline);
  checkDeadline(deadline);
  const solved = lap('compute', () => withPointers(pointers, () => solve(request, tools)));
  checkDeadline(deadline);
  const warnings = solved.warnings.map((warning) => mapPointer(warning, pointers));
  const content = lap('encode', () => inferenceAnswer({ ...solved, warnings }, inference, body, tools));
  return { ...content, elements: solved.elements, warnings: codesOf(solved) };
}

/** @throws RequestError DEADLINE_EXCEEDED */
function checkDeadline(deadline: number): void {
  if (now() > deadline) throw deadlineExceeded(timeoutPointer);
}

/** A header of more bytes is read by a thread only. */
const longestHeader = 2 ** 16;

/**
 * The deadline of a request whose tensors are bytes, in ms on the clock of all threads, told before any thread is free to read it: the JSON
 * of such a request is short. Undefined where there is none, or none that can be told so.
 */
export function deadlineIn({ headerLength, received }: TaskInput, bytes: Uint8Array): number | undefined {
  const length = Number(headerLength);
  if (!(length <= Math.min(longestHeader, bytes.length))) return undefined;
  const body = attempt(() => parseJson(Buffer.from(bytes.subarray(0, length)), length, { bareNumbers: true }));
  const timeout = (body as { parameters?: { timeout?: unknown } } | null)?.parameters?.timeout;
  return typeof timeout === 'number' && timeout > 0 ? received + timeout / 1000 : undefined;
}
