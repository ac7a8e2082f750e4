import { createHash, randomBytes } from 'node:crypto';
import { refuse } from '../errors/request-error.ts';
import { EngineUnavailable, type JobEngine, type JobRecord, JobTooLarge, type NewJob } from './engine.ts';
import { type JobRequest, parseJobRequest } from './job-request.ts';

/** What engines store of a request, without its id. */
type PlannedJob = Pick<NewJob, 'plan' | 'shards' | 'version'>;

/** Opens the files of a request and divides it into shards. @throws RequestError */
type Plan = (request: JobRequest, client: string, signal: AbortSignal) => Promise<PlannedJob>;

/** Who submits: a client, with the Idempotency-Key of the request where it has one. */
type Asker = { readonly client: string; readonly key: string | undefined; readonly signal: AbortSignal };

/** The jobs of an instance. Every method but `submit` is that of the engine, and throws RequestError JOBS_UNAVAILABLE where it is away. */
export type JobService = Pick<JobEngine, 'find' | 'list' | 'cancel' | 'remove' | 'watch'> & {
  /**
   * Plans a job and hands it to the engine. With a key, the same request is one job, however often it is submitted.
   * @throws RequestError of a request that is refused, IDEMPOTENCY_KEY_REUSED, JOBS_UNAVAILABLE
   */
  readonly submit: (body: unknown, asker: Asker) => Promise<JobRecord>;
};

export function createJobService(engine: JobEngine, plan: Plan): JobService {
  async function submit(body: unknown, { client, key, signal }: Asker): Promise<JobRecord> {
    const request = parseJobRequest(body);
    const { fingerprint } = request;
    const id = idOf(client, key);
    // files may have changed since, which does not concern a client that asks for its job again
    const known = key === undefined ? undefined : await reached(engine.find(id, client));
    if (known !== undefined) return sameJob(known, fingerprint);
    const { record } = await reached(engine.submit({ ...(await plan(request, client, signal)), id, client, fingerprint }));
    return sameJob(record, fingerprint);
  }
  return {
    submit,
    find: (id, client) => reached(engine.find(id, client)),
    list: (client, page) => reached(engine.list(client, page)),
    cancel: (id, client) => reached(engine.cancel(id, client)),
    remove: (id, client) => reached(engine.remove(id, client)),
    watch: engine.watch,
  };
}

/** @throws RequestError JOBS_UNAVAILABLE, TOO_MANY_ELEMENTS */
async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineUnavailable) throw refuse('JOBS_UNAVAILABLE', '#', 'the queue of jobs cannot be reached now', 5);
    if (error instanceof JobTooLarge) throw refuse('TOO_MANY_ELEMENTS', '#', error.message);
    throw error;
  }
}

/** @throws RequestError IDEMPOTENCY_KEY_REUSED */
function sameJob(record: JobRecord, fingerprint: string): JobRecord {
  if (record.fingerprint === fingerprint) return record;
  throw refuse('IDEMPOTENCY_KEY_REUSED', '#', `the job ${record.id} has this Idempotency-Key, and was asked for something else`);
}

/** Returns an id that cannot be guessed; with a key of the client, always the same. */
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
