import { readJson, readSafetensorsBody } from '../wire/read-request.ts';
import { answer } from './answer.ts';
import { batch } from './batch.ts';
import { explain, maxExplainedElements } from './explain.ts';
import { deadlineIn, infer } from './infer.ts';
import { lines } from './lines.ts';
import { single } from './single.ts';
import type { Answered, Job, Work } from './work.ts';

/** How a body is worked on. */
type Task = {
  /** Whether its numbers may be read while it arrives. */
  readonly scans: (work: Work) => boolean;
  /** Until when an answer is waited for, in ms on the clock of all threads, where the bytes of the body tell it at a glance. */
  readonly deadline?: (work: Work, bytes: Uint8Array) => number | undefined;
  readonly run: (job: Job) => Answered;
};

const always = () => true;
const never = () => false;

/** What can be done with a body: one row for each kind of body that an endpoint takes. */
const tasks = {
  json: { scans: always, run: single(readJson, answer) },
  safetensors: { scans: never, run: single(readSafetensorsBody, answer) },
  explain: { scans: always, run: single(readJson, explain, maxExplainedElements) },
  infer: { scans: ({ headerLength }) => headerLength === undefined, deadline: deadlineIn, run: infer },
  batch: { scans: never, run: batch },
  lines: { scans: never, run: lines },
} as const satisfies Record<string, Task>;

export type TaskName = keyof typeof tasks;

export const taskNames = Object.keys(tasks) as TaskName[];

/** What can be done by its name. */
export function taskOf({ task }: Work): Task {
  return tasks[task];
}
