import { createHash, randomBytes } from 'node:crypto';
import { refuse } from '../errors/request-error.ts';
import { EngineUnavailable, type JobEngine, type JobRecord, JobTooLarge, type NewJob, type Page } from './engine.ts';
import { briefViewOf, isOver, type JobView, jobSummary, jsonBytes, viewOf } from './job-answer.ts';
import type { JobRequest } from './job-request.ts';

/** What engines store of a request, without its id. */
type PlannedJob = Pick<NewJob, 'plan' | 'shards' | 'version'>;

/** Opens the files of a request and divides it into shards. @throws RequestError */
type Plan = (request: JobRequest, client: string, signal: AbortSignal) => Promise<PlannedJob>;

/** Who submits: a client, with the Idempotency-Key of the request where it has one, and for how many ms it waits for the end of the job. */
type Asker = { readonly client: string; readonly key: string | undefined; readonly waitMs: number };

/**
 * The jobs of an instance, in bytes: what a job costs to read and to write, this side of them pays.
 * @throws RequestError JOBS_UNAVAILABLE from every method that returns a promise, where the engine is away
 */
export type JobService = {
  /**
   * Plans a job and hands it to the engine. With a key, the same request is one job, however often it is submitted.
   * @throws RequestError of a request that is refused, IDEMPOTENCY_KEY_REUSED
   */
  readonly submit: (body: Uint8Array, asker: Asker, signal: AbortSignal) => Promise<JobView>;
  readonly find: (id: string, client: string) => Promise<JobView | undefined>;
  /** A page of the jobs of a client, as JSON. */
  readonly list: (client: string, page: Page) => Promise<Uint8Array>;
  readonly cancel: (id: string, client: string) => Promise<JobView | undefined>;
  readonly remove: JobEngine['remove'];
  /** Tells of a job as `JobEngine.watch` does, with the whole of it once it is over. */
  readonly watch: (id: string, client: string, changed: (view: JobView) => void) => () => void;
};

/** @param stopping is aborted when nobody is to wait for the end of a job any more */
export function createJobService(engine: JobEngine, plan: Plan, stopping = new AbortController().signal): JobService {
  async function submitted(body: Uint8Array, { client, key }: Asker, signal: AbortSignal): Promise<JobRecord> {
    // an instance to which nobody submits anything has no memory for the schema
    const { readJobRequest } = await import('./job-request.ts');
    const request = readJobRequest(body);
    const asked = { id: idOf(client, key), client, fingerprint: request.fingerprint };
    // files may have changed since, which does not concern a client that asks for its job again
    const known = key === undefined ? undefined : await reached(engine.find(asked.id, client));
    return sameJob(known ?? (await reached(engine.submit({ ...(await plan(request, client, signal)), ...asked }))), asked);
  }
  const found = (record: JobRecord | undefined) => record && viewOf(record);
  return {
    async submit(body, asker, signal) {
      const record = await submitted(body, asker, signal);
      if (asker.waitMs === 0 || stopping.aborted || isOver(record)) return viewOf(record);
      return viewOf(await atEnd(engine, record, asker.waitMs, AbortSignal.any([signal, stopping])));
    },
    find: async (id, client) => found(await reached(engine.find(id, client))),
    async list(client, page) {
      const { jobs, cursor } = await reached(engine.list(client, page));
      return jsonBytes({ jobs: jobs.map(jobSummary), ...(cursor === undefined ? {} : { cursor }) });
    },
    cancel: async (id, client) => found(await reached(engine.cancel(id, client))),
    remove: (id, client) => reached(engine.remove(id, client)),
    watch: (id, client, changed) =>
      engine.watch(id, client, (state, whole) => changed(whole === undefined ? briefViewOf(state) : viewOf(whole))),
  };
}

/** The job when it is over, or as it is after so many ms or when `stop` is aborted. */
function atEnd({ watch }: JobEngine, record: JobRecord, ms: number, stop: AbortSignal): Promise<JobRecord> {
  return new Promise((resolve) => {
    let last = record;
    const stopWatching = watch(record.id, record.client, (state, whole) => {
      last = whole ?? { ...record, ...state };
      if (whole !== undefined) settle();
    });
    const timer = setTimeout(settle, ms);
    stop.addEventListener('abort', settle, { once: true });
    function settle(): void {
      clearTimeout(timer);
      stopWatching();
      resolve(last);
    }
  });
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

/** The job that has the id, if it is what this client asks for. @throws RequestError IDEMPOTENCY_KEY_REUSED */
function sameJob(record: JobRecord, { client, fingerprint }: Pick<NewJob, 'client' | 'fingerprint'>): JobRecord {
  if (record.client === client && record.fingerprint === fingerprint) return record;
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
