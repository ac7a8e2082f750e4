/** Any JSON. Plans, results and problems are stored as such. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelling' | 'cancelled';

export type Progress = {
  readonly shards: { readonly total: number; readonly done: number; readonly retried: number };
  readonly distributions: { readonly total: number; readonly done: number };
  readonly bytes: { readonly total: number; readonly done: number };
};

export type NewJob = {
  readonly id: string;
  readonly client: string;
  readonly fingerprint: string;
  readonly version: string;
  readonly plan: JsonValue;
  readonly shards: readonly { readonly distributions: number; readonly bytes: number }[];
};

/** Times are in ms since 1970. */
export type JobRecord = {
  readonly id: string;
  readonly client: string;
  readonly fingerprint: string;
  readonly status: JobStatus;
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly progress: Progress;
  readonly plan: JsonValue;
  readonly result?: JsonValue | undefined;
  readonly problem?: JsonValue | undefined;
};

export type JobEngine = {
  submit(job: NewJob): Promise<{ readonly record: JobRecord; readonly created: boolean; readonly conflict: boolean }>;
  find(id: string, client: string): Promise<JobRecord | undefined>;
  list(
    client: string,
    page: { readonly status?: JobStatus | undefined; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ readonly jobs: readonly JobRecord[]; readonly cursor?: string | undefined }>;
  cancel(id: string, client: string): Promise<JobRecord | undefined>;
  remove(id: string, client: string): Promise<'removed' | 'not_over' | 'not_found'>;
  watch(id: string, client: string, changed: (record: JobRecord) => void): () => void;
  stop(): Promise<void>;
  close(): Promise<void>;
};
