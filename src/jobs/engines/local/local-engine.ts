import { EngineUnavailable, type JobEngine } from '../../engine.ts';
import { clientSide } from '../job-store.ts';
import { reporter } from '../reporter.ts';
import { openDatabase } from './database.ts';
import { jobEnds } from './job-ends.ts';
import { jobRows } from './job-rows.ts';
import { taskRunner } from './run-task.ts';
import { taskLeases } from './task-leases.ts';
import { taskOutcomes } from './task-outcomes.ts';
import { type LocalWork, startWork } from './work.ts';

type LocalOptions = {
  /** The folder of the file; it must lie on a disk of this machine. */
  readonly directory: string;
  /** How long a job is kept when it is over. */
  readonly retentionMs: number;
  /** Is told of errors outside of any call, each once a minute. */
  readonly report: (error: Error) => void;
  readonly timesMs?: Partial<typeof defaultTimesMs>;
};

/** A lease that is not renewed is over after `lease`; the first retry waits `backoff`; other processes are looked at every `look`. */
const defaultTimesMs = { lease: 15_000, backoff: 1_000, look: 250 };

/**
 * An engine in one file, for the processes of one machine. The process that takes a shard holds it by a lease.
 * @throws Error in one line, if the folder cannot be used or its file is of another version
 */
export function createLocalEngine({ directory, retentionMs, report: reportTo, timesMs }: LocalOptions): JobEngine {
  const report = reporter('the file of jobs', reportTo);
  const times = { ...defaultTimesMs, ...timesMs };
  const database = openDatabase(directory);
  const jobs = jobRows(database);
  const ends = jobEnds(database, retentionMs);
  const leases = taskLeases(database, ends, times.lease);
  const outcomes = taskOutcomes(database, ends);
  const dataVersion = database.prepare('PRAGMA data_version');
  let tell = (_id?: string): void => {};
  let work: LocalWork | undefined;
  let seen: unknown;

  async function change<T>(id: string, run: () => T): Promise<T> {
    const result = await ask(run);
    look();
    tell(id);
    return result;
  }

  const clients = clientSide({
    insert: (job, text) => change(job.id, () => jobs.insert(job, text)),
    read: (id) => ask(() => jobs.read(id)),
    readState: (id) => ask(() => jobs.readState(id)),
    isOver: (id) => ask(() => jobs.isOver(id)),
    page: (client, page) => ask(() => jobs.page(client, page)),
    cancel: (id) => change(id, () => ends.cancel(id)),
    delete: (id) => ask(() => jobs.delete(id)),
    subscribe: (changed) => {
      tell = changed;
    },
  });

  function look(): void {
    try {
      ends.sweep();
      // this changes with what other processes write
      const now = dataVersion.get()?.data_version;
      if (now !== seen) tell();
      seen = now;
      work?.look();
    } catch (error) {
      report(error);
    }
  }

  const looking = setInterval(look, times.look).unref();

  async function stop(): Promise<void> {
    await work?.stop();
    work = undefined;
  }

  return {
    ...clients,
    load: (version) => ask(() => leases.load(version)),
    work(worker) {
      const { version, concurrency } = worker;
      const run = taskRunner(worker, leases, outcomes, times.backoff);
      work = startWork(leases, { version, concurrency, leaseMs: times.lease, run, changed: (id) => tell(id), report });
      look();
    },
    stop,
    async close() {
      clearInterval(looking);
      await stop();
      await clients.close();
      database.close();
    },
  };
}

/** Runs statements for a client. @throws EngineUnavailable */
async function ask<T>(run: () => T): Promise<T> {
  try {
    return run();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_SQLITE_ERROR') throw new EngineUnavailable(`the file of jobs cannot be used: ${message}`, { cause: error });
    throw error;
  }
}
