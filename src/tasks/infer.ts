import { attempt } from '../errors/fault-list.ts';
import { computing } from '../errors/request-error.ts';
import { readInference } from '../formats/inference/read-request.ts';
import { parseJson } from '../formats/json/parse-json.ts';
import { mapPointer, withPointers } from '../formats/pointer-map.ts';
import { elementCount } from '../tensor/tensor.ts';
import { deadlineExceeded, now, timeoutPointer } from './deadline.ts';
import { inferenceAnswer, inferenceBytes } from './inference-response.ts';
import { codesOf } from './single-request.ts';
import { type AnswerPlan, claimAnswer } from './solve/answer-size.ts';
import { solve } from './solve/solve.ts';
import type { TaskContext, TaskInput, TaskOutput } from './task.ts';

/** A body in the Open Inference Protocol. Its warnings and faults point into it. @throws RequestError */
export function infer({ input, body, tools, lap }: TaskContext): TaskOutput {
  const { limits, received, headerLength, model } = input;
  const inference = lap('parse', () => readInference(body, headerLength, limits.maxElements, tools.scanTensor, model));
  const { request, pointers, timeout } = inference;
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : received + timeout / 1000;
  if (timeout !== undefined) tools.onDeadline?.(deadline);
  checkDeadline(deadline);
  const claim = (plan: Omit<AnswerPlan, 'form'>) => {
    const { bytes, isJson } = inferenceBytes(plan, inference);
    claimAnswer(bytes, isJson && tools.writesInPlace ? body.bytes.length : 0);
  };
  const solved = lap('compute', () => withPointers(pointers, () => solve(request, tools, claim)));
  const { elements } = solved;
  return computing(
    () => elements,
    () => {
      checkDeadline(deadline);
      const warnings = solved.warnings.map((warning) => mapPointer(warning, pointers));
      const content = lap('encode', () => inferenceAnswer({ ...solved, warnings }, inference, body, tools));
      return { ...content, elements, warnings: codesOf(solved) };
    },
  );
}

/** @throws RequestError DEADLINE_EXCEEDED */
function checkDeadline(deadline: number): void {
  if (now() > deadline) throw deadlineExceeded(timeoutPointer);
}

/** A header of more bytes is read by a thread only. */
const longestHeader = 2 ** 16;

/** What is known of a request before a thread reads it: its deadline in ms on the clock of all threads, and the elements of its tensors. */
export type Glance = { readonly deadline?: number; readonly elements?: number };

/**
 * Returns what the JSON of a request says whose tensors are bytes: such JSON is short. Empty where it says nothing, or cannot be read so.
 */
export function glanceAt({ headerLength, received }: TaskInput, bytes: Uint8Array): Glance {
  const length = Number(headerLength);
  if (!(length <= Math.min(longestHeader, bytes.length))) return {};
  const body = attempt(() => parseJson(Buffer.from(bytes.subarray(0, length)), length, { bareNumbers: true }));
  const { parameters, inputs } = (body ?? {}) as { parameters?: { timeout?: unknown } | null; inputs?: unknown };
  const timeout = parameters?.timeout;
  return {
    ...(typeof timeout === 'number' && timeout > 0 ? { deadline: received + timeout / 1000 } : {}),
    ...(Array.isArray(inputs) ? { elements: inputs.reduce((sum: number, input) => sum + elementsOfShape(input), 0) } : {}),
  };
}

/** A shape that is none counts as none: the reader refuses it. */
function elementsOfShape(input: { readonly shape?: unknown } | null): number {
  const shape = input?.shape;
  return Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size > 0) ? elementCount(shape) : 0;
}
