import { RequestError } from '../errors/request-error.ts';
import { fillable } from '../formats/fillable-lists.ts';
import { jsonReader } from '../formats/json/read-request.ts';
import { safetensorsReader } from '../formats/safetensors/read-request.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import { divergencesBatchContract, divergencesContract } from '../schema/divergences.ts';
import { klBatchContract } from '../schema/parse-batch.ts';
import { klContract } from '../schema/parse-request.ts';
import { batch } from './batch.ts';
import { explain, explainedBytes, maxExplainedElements } from './explain.ts';
import { type Glance, glanceAt, infer } from './infer.ts';
import { answer, anyAnswer } from './json-response.ts';
import { lines } from './ndjson.ts';
import { single } from './single-request.ts';
import { exhaustedMemory } from './solve/answer-size.ts';
import type { TaskContext, TaskInput, TaskName, TaskOutput, TaskResult, Timings, WorkerTools } from './task.ts';

/** How a body is worked on. */
type TaskDefinition = {
  /** How much of its work the event loop does at once, in units of `work.ts`; a worker does what needs more. With 0, a worker does all. */
  readonly inlineWork: number;
  /** Whether the numbers of its text are scanned, into memory beside it, while it arrives. */
  readonly scans: (input: TaskInput) => boolean;
  /** Whether its rows may be computed while they arrive. */
  readonly computesRows?: boolean;
  /** What the bytes of the body tell before a thread reads them. */
  readonly glance?: (input: TaskInput, bytes: Uint8Array) => Glance;
  /** Whether its body is a part of a stream, which holds a slot of a lane of its own. */
  readonly isStreamed?: boolean;
  readonly run: (task: TaskContext) => TaskOutput;
};

const always = () => true;
const never = () => false;

const readJson = jsonReader(klContract);

/** What can be done with a body: one row for each kind of body that an endpoint takes. */
const tasks: Readonly<Record<TaskName, TaskDefinition>> = {
  json: { inlineWork: 2 ** 16, scans: always, run: single(readJson, answer) },
  safetensors: { inlineWork: 2 ** 16, scans: never, computesRows: true, run: single(safetensorsReader(klContract), answer) },
  // a derivation shows each element some thirty times as often as an answer
  explain: { inlineWork: 2 ** 11, scans: always, run: single(fillable(readJson), explain, maxExplainedElements, explainedBytes) },
  infer: { inlineWork: 2 ** 16, scans: ({ headerLength }) => headerLength === undefined, glance: glanceAt, run: infer },
  // two kilobytes can hold a thousand invalid items, which take 15 ms
  batch: { inlineWork: 0, scans: never, run: batch(klBatchContract) },
  // other requests wait for each block of lines
  lines: { inlineWork: 2 ** 14, scans: never, isStreamed: true, run: lines(klBatchContract) },
  divergences_json: { inlineWork: 2 ** 16, scans: always, run: single(jsonReader(divergencesContract), anyAnswer) },
  divergences_safetensors: {
    inlineWork: 2 ** 16,
    scans: never,
    computesRows: true,
    run: single(safetensorsReader(divergencesContract), anyAnswer),
  },
  divergences_batch: { inlineWork: 0, scans: never, run: batch(divergencesBatchContract) },
  divergences_lines: { inlineWork: 2 ** 14, scans: never, isStreamed: true, run: lines(divergencesBatchContract) },
};

/** What can be done by its name. */
export function definitionOf({ task }: TaskInput): TaskDefinition {
  return tasks[task];
}

/** Whether a thread may begin with a body that is still arriving. */
export function beginsEarly(input: TaskInput): boolean {
  const { scans, computesRows } = definitionOf(input);
  return computesRows === true || scans(input);
}

/** Whether the body of a task is a part of a stream. */
export function isStreamed(task: TaskName): boolean {
  return tasks[task].isStreamed === true;
}

/**
 * Returns how many bytes a body may have for the event loop to try it: as many as `limit`, and none where a worker does all of the work.
 */
export function inlineBytesOf(input: TaskInput, limit: number): number {
  return definitionOf(input).inlineWork === 0 ? 0 : limit;
}

/**
 * Computes the response of a request from the bytes of its body.
 * @param queue ms for which the request waited for a worker
 * @throws BodyUnavailable, TooMuchWork
 */
export function runTask(input: TaskInput, body: BodyReader, tools: WorkerTools = {}, queue = 0): TaskResult {
  const { run, computesRows } = definitionOf(input);
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
    return { timings, answered: run({ input, body, tools, lap }) };
  } catch (error) {
    const { faults, count, extra, advice } = refusalOf(error);
    // a client that is still sending may lose what it is told
    if (computesRows) body.waitFor(body.bytes.length);
    return { timings, refused: { faults, count, extra, advice } };
  }
}

/** What a task is refused with. The budgets may allow more memory than the system has. @throws what is no refusal */
function refusalOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof RangeError && /allocation failed/i.test(error.message)) return exhaustedMemory('exhausted');
  throw error;
}
