import type { SourceSettings } from '../../sources/source-settings.ts';
import type { JobEngine } from '../engine.ts';
import type { JobService } from '../job-service.ts';

export type JobSettings = {
  readonly jobs: 'local' | 'redis';
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
