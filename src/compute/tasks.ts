import { readJson, readSafetensorsBody } from '../wire/read-request.ts';
import { answer } from './answer.ts';
import { batch } from './batch.ts';
import { explain, maxExplainedElements } from './explain.ts';
import { infer } from './infer.ts';
import { lines } from './lines.ts';
import { single } from './single.ts';
import type { Answered, Job, Work } from './work.ts';

/** How a body is worked on; `scans` says whether its numbers may be read while it arrives. */
type Task = { readonly scans: (work: Work) => boolean; readonly run: (job: Job) => Answered };

const always = () => true;
const never = () => false;

/** What can be done with a body: one row for each kind of body that an endpoint takes. */
export const tasks = {
  json: { scans: always, run: single(readJson, answer) },
  safetensors: { scans: never, run: single(readSafetensorsBody, answer) },
  explain: { scans: always, run: single(readJson, explain, maxExplainedElements) },
  infer: { scans: ({ headerLength }) => headerLength === undefined, run: infer },
  batch: { scans: never, run: batch },
  lines: { scans: never, run: lines },
} as const satisfies Record<string, Task>;

export type TaskName = keyof typeof tasks;
