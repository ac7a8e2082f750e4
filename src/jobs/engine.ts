import type { jobStatuses } from '../schema/jobs.ts';

/** Any JSON. Plans and problems are stored as such. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

export type JobStatus = (typeof jobStatuses)[number];

/** Nothing becomes of a job any more once it has one of these. */
export const overStatuses: readonly JobStatus[] = ['succeeded', 'failed', 'cancelled'];

/** How far a job is. `done` and `retried` never fall; `retried` counts the attempts after the first of each shard. */
type Progress = {
  readonly shards: { readonly total: number; readonly done: number; readonly retried: number };
  readonly distributions: { readonly total: number; readonly done: number };
  readonly bytes: { readonly total: number; readonly done: number };
};

/** How much work a shard is, for the progress of its job. */
export type ShardSize = { readonly distributions: number; readonly bytes: number };

/**
 * A job as an engine takes it in. An engine knows no mathematics: the `plan` is JSON that the worker understands, and a shard is an index
 * into it.
 */
export type NewJob = {
  /** Letters, digits, - and _. */
  readonly id: string;
  /** Who may see the job. */
  readonly client: string;
  /** Tells what was asked for. */
  readonly fingerprint: string;
  /** Only workers of this version compute it. */
  readonly version: string;
  readonly plan: JsonValue;
  readonly shards: readonly ShardSize[];
};

/** How a job is. Times are in ms since 1970; `expiresAt` is there once the job is over. */
export type JobState = Pick<NewJob, 'id' | 'client' | 'fingerprint' | 'version'> & {
  readonly status: JobStatus;
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly progress: Progress;
  readonly problem?: JsonValue | undefined;
};

/** All that is known of a job. The plan and the result may be megabytes; the result is the text that the merge wrote. */
export type JobRecord = JobState & { readonly plan: JsonValue; readonly result?: string | undefined };

/** Is told of a job, and once it is over, of all that is known of it. */
export type Changed = (state: JobState, whole?: JobRecord) => void;

export type Page = { readonly status?: JobStatus | undefined; readonly cursor?: string | undefined; readonly limit: number };

/**
 * A queue of jobs that outlives the process. Each shard is computed at least once and counted exactly once; a job that is over is kept for
 * the retention, during which its id cannot be used anew. Clients see their own jobs only, but for what `submit` returns.
 * @throws EngineUnavailable from every method that returns a promise, while the store cannot be reached
 */
export type JobEngine = {
  /**
   * Takes a job in, unless one with its id is there: that is returned instead, which may have another client and fingerprint.
   * @throws JobTooLarge
   */
  submit(job: NewJob): Promise<JobRecord>;
  find(id: string, client: string): Promise<JobRecord | undefined>;
  /** The jobs of a client, the newest first. @throws RequestError INVALID_VALUE for a cursor that is none of an earlier page */
  list(client: string, page: Page): Promise<{ readonly jobs: readonly JobState[]; readonly cursor?: string | undefined }>;
  /** Ends a job: at once where nothing of it runs, otherwise when its running shards have heard of it. */
  cancel(id: string, client: string): Promise<JobRecord | undefined>;
  remove(id: string, client: string): Promise<'removed' | 'not_over' | 'not_found'>;
  /** Calls `changed` at most once a second with the state of a job, and at once with its last. Returns how to end that. */
  watch(id: string, client: string, changed: Changed): () => void;
  /** How many shards wait for a worker and how many run, over all jobs and instances of the worker's version. */
  load(version: string): Promise<{ readonly waiting: number; readonly running: number }>;
  /** Begins to compute. */
  work(worker: JobWorker): void;
  /** Takes no more shards, aborts those that run, and gives them back for others to take at once. */
  stop(): Promise<void>;
  /** Stops, and closes what the engine opened. */
  close(): Promise<void>;
};

/** What computes. A thrown `JobFault` ends the job, or the attempt; any other error ends the attempt. */
export type JobWorker = {
  readonly version: string;
  /** How many shards at once. */
  readonly concurrency: number;
  readonly shard: (plan: JsonValue, index: number, signal: AbortSignal) => Promise<Uint8Array>;
  /** Gets the partial of each shard once, in their order, and returns the result as a text, which nobody reads but the client. */
  readonly merge: (plan: JsonValue, partials: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<string>;
  /** The problem of a job that ends by an error which is no `JobFault`. */
  readonly problemOf: (error: unknown) => JsonValue;
};

/** Why a shard or a merge failed, with the problem that its client gets. One that is `retryable` may end well when tried again. */
export class JobFault extends Error {
  override readonly name = 'JobFault';
  readonly problem: JsonValue;
  readonly retryable: boolean;

  constructor(message: string, problem: JsonValue, retryable: boolean) {
    super(message);
    this.problem = problem;
    this.retryable = retryable;
  }
}

/** The store of the jobs cannot be reached now. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
}

/** A job beyond what an engine stores. */
export class JobTooLarge extends Error {
  override readonly name = 'JobTooLarge';
}
