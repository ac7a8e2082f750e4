import { RequestError } from '../errors/request-error.ts';
import { readJson } from '../formats/json/read-request.ts';
import { readSafetensorsRequest } from '../formats/safetensors/read-request.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import { batch } from './batch.ts';
import { explain, maxExplainedElements } from './explain.ts';
import { deadlineIn, infer } from './infer.ts';
import { answer } from './json-response.ts';
import { lines } from './ndjson.ts';
import { single } from './single-request.ts';
import type { TaskContext, TaskInput, TaskName, TaskOutput, TaskResult, Timings, WorkerTools } from './task.ts';

/** How a body is worked on. */
type TaskDefinition = {
  /** Whether its numbers may be read while it arrives. */
  readonly scans: (input: TaskInput) => boolean;
  /** Until when an answer is waited for, in ms on the clock of all threads, where the bytes of the body tell it at a glance. */
  readonly deadline?: (input: TaskInput, bytes: Uint8Array) => number | undefined;
  /** Whether its body is a part of a stream, which holds a slot of a lane of its own. */
  readonly isStreamed?: boolean;
  readonly run: (job: TaskContext) => TaskOutput;
};

const always = () => true;
const never = () => false;

/** What can be done with a body: one row for each kind of body that an endpoint takes. */
const tasks: Readonly<Record<TaskName, TaskDefinition>> = {
  json: { scans: always, run: single(readJson, answer) },
  safetensors: { scans: never, run: single(readSafetensorsRequest, answer) },
  explain: { scans: always, run: single(readJson, explain, maxExplainedElements) },
  infer: { scans: ({ headerLength }) => headerLength === undefined, deadline: deadlineIn, run: infer },
  batch: { scans: never, run: batch },
  lines: { scans: never, isStreamed: true, run: lines },
};

/** What can be done by its name. */
export function definitionOf({ task }: TaskInput): TaskDefinition {
  return tasks[task];
}

/**
 * Computes the response of a request from the bytes of its body.
 * @param queue ms for which the request waited for a worker
 * @throws BodyUnavailable
 */
export function runTask(input: TaskInput, body: BodyReader, tools: WorkerTools = {}, queue = 0): TaskResult {
  const timings: Timings = { queue };
  let last = performance.now();
  const lap = <T>(phase: keyof Timings, step: () => T): T => {
    try {
      return step();
    } finally {
      const now = performance.now();
      timings[phase] = (timings[phase] ?? 0) + now - last;
      last = now;
    }
  };
  try {
    return { timings, answered: definitionOf(input).run({ input, body, tools, lap }) };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { faults, count, extra, advice } = error;
    return { timings, refused: { faults, count, extra, advice } };
  }
}
