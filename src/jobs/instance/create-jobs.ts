import type { SourceSettings } from '../../sources/source-settings.ts';
import type { JobEngine } from '../engine.ts';
import type { JobService } from '../job-service.ts';

export type JobSettings = {
  readonly jobs: 'local' | 'redis' | 'off';
  readonly jobsDir: string;
  readonly jobsRedisUrl: string | undefined;
  readonly jobWorkers: number;
  readonly jobRetentionSeconds: number;
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

/**
 * Begins to take jobs in and to compute them; undefined where no place is named that tensors may come from. What that takes, a megabyte of
 * sources that others have no use for, is loaded only then.
 * @param report is told of errors outside of any call
 * @throws Error in one line, if the engine cannot be used
 */
export async function createJobs(settings: JobSettings, report: (error: unknown) => void): Promise<Jobs | undefined> {
  const { jobs, sources } = settings;
  if (jobs === 'off' || sources.prefixes.length === 0) return undefined;
  const { runJobs } = await import('./run-jobs.ts');
  return runJobs(jobs, settings, report);
}
