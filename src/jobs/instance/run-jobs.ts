import type { JobEngine, JsonValue } from '../engine.ts';
import { openOrReopen } from '../engines/reopening.ts';
import type { JobRequest } from '../job-request.ts';
import { createJobService } from '../job-service.ts';
import { jobWorker } from '../job-worker.ts';
import { createPlanner } from '../planner.ts';
import { createShardThreads } from '../shards/shard-threads.ts';
import type { JobSettings, Jobs } from './instance.ts';

/** Makes the engine of each value of JOBS. BullMQ is loaded only where it is wanted. */
const engines: Readonly<Record<'local' | 'redis', (settings: JobSettings, report: (error: unknown) => void) => Promise<JobEngine>>> = {
  local: async ({ jobsDir, jobRetentionSeconds }, report) => {
    const { createLocalEngine } = await import('../engines/local/local-engine.ts');
    try {
      return createLocalEngine({ directory: jobsDir, retentionMs: jobRetentionSeconds * 1000, report });
    } catch (error) {
      throw new Error(`JOBS_DIR cannot be used: ${(error as Error).message}`, { cause: error });
    }
  },
  redis: async ({ jobsRedisUrl, jobRetentionSeconds }, report) => {
    const { createBullmqEngine } = await import('../engines/bullmq/bullmq-engine.ts');
    return openOrReopen(() => createBullmqEngine({ url: jobsRedisUrl ?? '', retentionMs: jobRetentionSeconds * 1000, report }), report);
  },
};

/** Begins to take jobs in and to compute them, in one of the `engines`. */
export async function runJobs(settings: JobSettings, report: (error: unknown) => void): Promise<Jobs> {
  const { jobs, jobWorkers, sources: allowed, version } = settings;
  const engine = await engines[jobs](settings, report);
  const planner = createPlanner(allowed);
  const threads = jobWorkers === 0 ? undefined : createShardThreads(jobWorkers, allowed);
  if (threads !== undefined) engine.work(jobWorker(version, jobWorkers, threads));
  const stopping = new AbortController();
  const planned = async (request: JobRequest, client: string, signal: AbortSignal) => {
    const { plan, shards } = await planner.plan(request, client, signal);
    return { version, plan: plan as unknown as JsonValue, shards };
  };
  const service = createJobService(engine, planned, stopping.signal);
  return {
    service,
    load: () => engine.load(version),
    stop: () => {
      // who waits for a job learns of its end from another instance, or from this one when it is back
      stopping.abort();
      return engine.stop();
    },
    close: async () => {
      await engine.close();
      await Promise.all([threads?.close(), planner.close()]);
    },
  };
}
