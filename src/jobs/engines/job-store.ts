import type { JobEngine, JobRecord, JobState, JobStatus, NewJob, Page } from '../engine.ts';
import { overStatuses } from '../engine.ts';
import { cursorAt, type Position, positionOf } from './cursor.ts';
import { planText } from './limits.ts';
import { createWatches } from './watches.ts';

/** What an engine does by its store, each at once for all processes. A job whose retention is over is not there. */
type JobStore = {
  /** Takes a job in, unless its id is taken. The job that has the id is queued whole in either case. */
  readonly insert: (job: NewJob, planText: string) => Promise<void>;
  readonly read: (id: string) => Promise<JobRecord | undefined>;
  /** Reads a job without its plan and result, which may take megabytes. */
  readonly readState: (id: string) => Promise<JobState | undefined>;
  readonly isOver: (id: string) => Promise<boolean>;
  /** Jobs older than `before`, the newest first. */
  readonly page: (
    client: string,
    page: { readonly status: JobStatus | undefined; readonly before: Position | undefined; readonly limit: number },
  ) => Promise<readonly JobState[]>;
  /** Makes a job that is not over `cancelling`, and `cancelled` if nothing of it runs. */
  readonly cancel: (id: string) => Promise<void>;
  /** Deletes a job that is over. */
  readonly delete: (id: string, client: string) => Promise<void>;
  /** Calls when something became of a job, or of any. */
  readonly subscribe: (changed: (id?: string) => void) => void;
};

/** What engines have in common: everything that clients ask of them. */
export function clientSide(store: JobStore): Omit<JobEngine, 'work' | 'load' | 'stop'> {
  async function find(id: string, client: string): Promise<JobRecord | undefined> {
    const record = await store.read(id);
    return record?.client === client ? record : undefined;
  }

  async function stateOf(id: string, client: string): Promise<JobState | undefined> {
    const state = await store.readState(id);
    return state?.client === client ? state : undefined;
  }

  const watches = createWatches({ find, stateOf, isOver: store.isOver });
  store.subscribe(watches.changed);

  return {
    find,
    watch: watches.watch,
    async submit(job) {
      const text = planText(job);
      for (;;) {
        await store.insert(job, text);
        const record = await store.read(job.id);
        // without a record, the job that had the id expired or was deleted in between
        if (record !== undefined) return record;
      }
    },
    async list(client, { status, cursor, limit }: Page) {
      const found = await store.page(client, { status, before: positionOf(cursor), limit: limit + 1 });
      const jobs = found.slice(0, limit);
      const last = jobs.at(-1);
      return found.length > limit && last !== undefined ? { jobs, cursor: cursorAt(last) } : { jobs };
    },
    async cancel(id, client) {
      if ((await stateOf(id, client)) === undefined) return undefined;
      await store.cancel(id);
      return find(id, client);
    },
    async remove(id, client) {
      const state = await stateOf(id, client);
      if (state === undefined) return 'not_found';
      if (!overStatuses.includes(state.status)) return 'not_over';
      await store.delete(id, client);
      return 'removed';
    },
    async close() {
      watches.close();
    },
  };
}
