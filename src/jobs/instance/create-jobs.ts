import type { SourceSettings } from '../../sources/source-settings.ts';
import { createSources } from '../../sources/sources.ts';
import type { JobEngine, JsonValue } from '../engine.ts';
import { openOrReopen } from '../engines/reopening.ts';
import { createJobService, type JobService } from '../job-service.ts';
import { jobWorker } from '../job-worker.ts';
import { planRequest } from '../plan-request.ts';
import { createShardThreads } from '../shards/shard-threads.ts';

export type JobSettings = {
  readonly jobs: 'local' | 'redis' | 'off';
  readonly jobsDir: string;
  readonly jobsRedisUrl: string | undefined;
  readonly jobWorkers: number;
  readonly jobRetentionS: number;
  readonly sources: SourceSettings;
  /** Of the service: instances of other versions leave its jobs alone. */
  readonly version: string;
};

/** The jobs of a running instance. */
export type Jobs = {
  readonly service: JobService;
  /** How many shards wait and run, over all instances. */
  readonly load: () => ReturnType<JobEngine['load']>;
  /** Takes no more shards, and gives back those that run. */
  readonly stop: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Makes the engine of each value of JOBS. BullMQ is loaded only where it is wanted. */
const engines: Readonly<Record<'local' | 'redis', (settings: JobSettings, report: (error: unknown) => void) => Promise<JobEngine>>> = {
  local: async ({ jobsDir, jobRetentionS }, report) => {
    const { createLocalEngine } = await import('../engines/local/local-engine.ts');
    return createLocalEngine({ directory: jobsDir, retentionMs: jobRetentionS * 1000, report });
  },
  redis: async ({ jobsRedisUrl, jobRetentionS }, report) => {
    const { createBullmqEngine } = await import('../engines/bullmq/bullmq-engine.ts');
    return openOrReopen(() => createBullmqEngine({ url: jobsRedisUrl ?? '', retentionMs: jobRetentionS * 1000, report }), report);
  },
};

/**
 * Begins to take jobs in and to compute them; undefined where no place is named that tensors may come from.
 * @param report is told of errors that nobody waits for
 * @throws Error in one line, if the engine cannot be used
 */
export async function createJobs(settings: JobSettings, report: (error: unknown) => void): Promise<Jobs | undefined> {
  const { jobs, jobWorkers, sources: allowed, version } = settings;
  if (jobs === 'off' || allowed.prefixes.length === 0) return undefined;
  const engine = await engines[jobs](settings, report);
  const sources = createSources(allowed);
  const threads = jobWorkers === 0 ? undefined : createShardThreads(jobWorkers, allowed);
  if (threads !== undefined) engine.work(jobWorker(version, jobWorkers, threads));
  const service = createJobService(engine, async (request, client, signal) => {
    const { plan, shards } = await planRequest(sources, request, { client, signal });
    return { version, plan: plan as unknown as JsonValue, shards };
  });
  return {
    service,
    load: () => engine.load(version),
    stop: () => engine.stop(),
    close: async () => {
      await engine.close();
      await Promise.all([threads?.close(), sources.close()]);
    },
  };
}
