import { createHash, randomBytes } from 'node:crypto';
import { refuse } from '../errors/request-error.ts';
import type { JobEngine, JobRecord, NewJob } from './engine.ts';
import { type JobRequest, parseJobRequest } from './job-request.ts';

/** What becomes of a request: what engines store of it, without its id. */
export type Planned = Pick<NewJob, 'plan' | 'shards' | 'version'>;

/** Opens the files of a request and divides it into shards. @throws RequestError for everything that can be refused before a shard runs */
export type Planner = (request: JobRequest, client: string, signal: AbortSignal) => Promise<Planned>;

/** The jobs of an instance, by client: nobody sees the jobs of others. */
export type JobService = {
  /**
   * Plans a job and hands it to the engine. With a `key` the same request is one job, however often it is submitted.
   * @throws RequestError of a request that is refused, IDEMPOTENCY_KEY_REUSED, JOBS_UNAVAILABLE
   */
  readonly submit: (
    body: unknown,
    asker: { readonly client: string; readonly key: string | undefined; readonly signal: AbortSignal },
  ) => Promise<JobRecord>;
  readonly engine: JobEngine;
};

export function createJobService(engine: JobEngine, plan: Planner): JobService {
  return {
    engine,
    async submit(body, { client, key, signal }) {
      const request = parseJobRequest(body);
      const { fingerprint } = request;
      const id = idOf(client, key);
      // the files may have changed since, which is no matter of who asks for the same job again
      const known = key === undefined ? undefined : await engine.find(id, client);
      if (known !== undefined) return sameJob(known, fingerprint);
      const planned = await plan(request, client, signal);
      const { record } = await engine.submit({ ...planned, id, client, fingerprint });
      return sameJob(record, fingerprint);
    },
  };
}

/** @throws RequestError IDEMPOTENCY_KEY_REUSED */
function sameJob(record: JobRecord, fingerprint: string): JobRecord {
  if (record.fingerprint === fingerprint) return record;
  throw refuse('IDEMPOTENCY_KEY_REUSED', '#', `the job ${record.id} has this Idempotency-Key, and was asked for something else`);
}

/** An id that nobody guesses; with a key of the client, always the same. */
function idOf(client: string, key: string | undefined): string {
  const bits =
    key === undefined
      ? randomBytes(16)
      : createHash('sha256')
          .update(JSON.stringify([client, key]))
          .digest()
          .subarray(0, 16);
  return `job-${bits.toString('hex')}`;
}
