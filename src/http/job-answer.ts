import type { JobRecord, JobStatus, JsonValue } from '../jobs/engine.ts';

const overStatuses: ReadonlySet<JobStatus> = new Set(['succeeded', 'failed', 'cancelled']);

export function isOver({ status }: Pick<JobRecord, 'status'>): boolean {
  return overStatuses.has(status);
}

/** A job without its result and files, as lists and events have it. */
export function jobSummary(record: JobRecord) {
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

/** A job as a client sees it. */
export function jobAnswer(record: JobRecord) {
  const { plan, result } = record;
  return { ...jobSummary(record), sources: sourcesOf(plan), ...(result === undefined ? {} : { result }) };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function sourcesOf(plan: JsonValue): JsonValue {
  return (plan as { sources: JsonValue }).sources;
}
