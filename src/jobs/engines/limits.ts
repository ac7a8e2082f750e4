import { JobTooLarge, type NewJob } from '../engine.ts';

/**
 * What an engine stores of one job. Partials are that large when they keep a float64 for each of 2²⁰ distributions (8 MiB in all), or when
 * each shard has a table of some KB.
 */
export const jobLimits = {
  shards: 10_000,
  /** Of 10 000 pairs, the most that a request names. */
  planBytes: 8 * 2 ** 20,
  /** Of all shards of a job together. */
  partialBytes: 64 * 2 ** 20,
} as const;

/** The plan as it is stored. @throws JobTooLarge */
export function planText(job: NewJob): string {
  const { shards } = job;
  if (shards.length === 0) throw new RangeError(`job ${job.id} has no shards`);
  if (shards.length > jobLimits.shards) throw new JobTooLarge(`a job has at most ${jobLimits.shards} shards, not ${shards.length}`);
  const text = JSON.stringify(job.plan);
  const bytes = Buffer.byteLength(text);
  if (bytes > jobLimits.planBytes) throw new JobTooLarge(`the plan of a job has at most ${jobLimits.planBytes} bytes, not ${bytes}`);
  return text;
}
