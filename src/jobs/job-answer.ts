import { type JobRecord, type JobState, overStatuses } from './engine.ts';
import type { JobPlan } from './shards/job-plan.ts';

/** A job as its client is told of it. */
export type JobView = {
  readonly id: string;
  readonly isOver: boolean;
  /** Tells two states of the job apart. */
  readonly state: string;
  /** JSON: a `Job`, or a `JobSummary` while events tell of one that is not over. */
  readonly body: Uint8Array<ArrayBuffer>;
};

/** A job with all that its client may know of it: its result last, as the merge wrote it. */
export function viewOf(record: JobRecord): JobView {
  const { plan, result } = record;
  const known = JSON.stringify({ ...jobSummary(record), sources: sourcesOf(plan as unknown as JobPlan) });
  const text = result === undefined ? known : `${known.slice(0, -1)},"result":${result}}`;
  return { ...headOf(record), body: new TextEncoder().encode(text) };
}

/** A job that is not over, as events tell of it. */
export function briefViewOf(state: JobState): JobView {
  return { ...headOf(state), body: jsonBytes(jobSummary(state)) };
}

export function jsonBytes(value: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function headOf(state: JobState) {
  const { id, status, progress } = state;
  return { id, isOver: isOver(state), state: `${status}-${progress.shards.done}-${progress.shards.retried}` };
}

export function isOver({ status }: Pick<JobState, 'status'>): boolean {
  return overStatuses.includes(status);
}

/** A job without its result and files, as lists and events have it. */
export function jobSummary(record: JobState) {
  const { id, status, createdAt, startedAt, finishedAt, expiresAt, progress, problem } = record;
  const { shards, distributions, bytes } = progress;
  return {
    id,
    status,
    done: isOver(record),
    created_at: timeOf(createdAt),
    ...(startedAt === undefined ? {} : { started_at: timeOf(startedAt) }),
    ...(finishedAt === undefined ? {} : { finished_at: timeOf(finishedAt) }),
    ...(expiresAt === undefined ? {} : { expires_at: timeOf(expiresAt) }),
    progress: { shards, distributions, bytes },
    ...(problem === undefined ? {} : { problem }),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** The files of all tensors, each once. */
function sourcesOf({ items }: JobPlan) {
  const parts = items
    .flatMap(({ input, target, weights }) => [input, target, ...(weights === undefined ? [] : [weights])])
    .flatMap((tensor) => tensor.parts);
  const sources = new Map(parts.map(({ uri, pin }) => [uri, pin]));
  return [...sources].map(([uri, { size, etag }]) => ({ uri, size, ...(etag === undefined ? {} : { etag }) }));
}
