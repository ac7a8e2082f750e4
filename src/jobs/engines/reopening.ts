import { setTimeout as sleep } from 'node:timers/promises';
import { EngineUnavailable, type JobEngine, type JobWorker } from '../engine.ts';

/** A store that cannot be reached when the service starts is tried again after so many ms. */
const retryAfterMs = 5_000;

/**
 * Opens an engine, now or, where its store cannot be reached, later: meanwhile everything that is asked of it is EngineUnavailable. A
 * service that answers requests must not depend on the queue of its jobs.
 * @param report is told of every attempt that failed
 * @throws Error of another kind from the first attempt, such as a store that might lose jobs
 */
export async function openOrReopen(
  open: () => Promise<JobEngine>,
  report: (error: unknown) => void,
  retryMs = retryAfterMs,
): Promise<JobEngine> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    report(error);
    return reopening(open, report, retryMs);
  }
}

function reopening(open: () => Promise<JobEngine>, report: (error: unknown) => void, retryMs: number): JobEngine {
  let engine: JobEngine | undefined;
  let worker: JobWorker | undefined;
  const closing = new AbortController();
  const opened = openSoon().catch(() => {});

  async function openSoon(): Promise<void> {
    while (engine === undefined) {
      await sleep(retryMs, undefined, { ref: false, signal: closing.signal });
      engine = await opening();
    }
    if (worker !== undefined) engine.work(worker);
  }

  async function opening(): Promise<JobEngine | undefined> {
    try {
      return await open();
    } catch (error) {
      report(error);
      return undefined;
    }
  }

  const reached = async (): Promise<JobEngine> => {
    if (engine === undefined) throw new EngineUnavailable('the store of the jobs could not be reached yet');
    return engine;
  };
  return {
    submit: async (job) => (await reached()).submit(job),
    find: async (id, client) => (await reached()).find(id, client),
    list: async (client, page) => (await reached()).list(client, page),
    cancel: async (id, client) => (await reached()).cancel(id, client),
    remove: async (id, client) => (await reached()).remove(id, client),
    load: async (version) => (await reached()).load(version),
    watch: (id, client, changed) => engine?.watch(id, client, changed) ?? (() => {}),
    work: (given) => {
      worker = given;
      engine?.work(given);
    },
    stop: async () => {
      // a store that is reached from now on is asked for no shard
      worker = undefined;
      await engine?.stop();
    },
    close: async () => {
      closing.abort();
      await opened;
      await engine?.close();
    },
  };
}
