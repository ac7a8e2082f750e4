import type { Job, UnrecoverableError, WaitingError } from 'bullmq';
import type { Redis } from 'ioredis';
import type { JobWorker } from '../../engine.ts';
import { attempt, type Outcome, partialsTooLarge } from '../attempts.ts';
import { jobLimits } from '../limits.ts';
import { createPlans } from '../plans.ts';
import type { Flows, TaskData } from './flows.ts';
import { bullKey, jobKeys } from './keys.ts';
import type { Arguments, RunScript } from './scripts.ts';

export type RunningTask = { readonly id: string; readonly run: string; readonly abort: AbortController };

type Options = {
  readonly redis: Redis;
  readonly flows: Flows;
  readonly script: RunScript;
  readonly running: Set<RunningTask>;
  /** Tells whether an abort is because the process ends. */
  readonly stopping: AbortSignal;
  readonly backoffMs: number;
};

/** Errors by which BullMQ is told what to do. */
type Told = { readonly UnrecoverableError: typeof UnrecoverableError; readonly WaitingError: typeof WaitingError };

type Computed = { readonly result: string } | { readonly partial: Uint8Array };

/** Changes the job of a task by a script. */
type Change = (name: Parameters<RunScript>[0], ...args: Arguments) => Promise<unknown>;

/** Partials are read from Redis in groups of this many. */
const group = 16;

/** Returns what computes a task of BullMQ, and stores what becomes of it before BullMQ is told. */
export function taskRunner(told: Told, worker: JobWorker, { redis, flows, script, running, stopping, backoffMs }: Options) {
  const plans = createPlans();

  async function* partialsOf(id: string): AsyncGenerator<Uint8Array> {
    const [job, partials] = jobKeys(id);
    const shards = Number(await redis.hget(job, 'shards'));
    for (let from = 0; from < shards; from += group) {
      const fields = Array.from({ length: Math.min(group, shards - from) }, (_, index) => String(from + index));
      for (const partial of await redis.hmgetBuffer(partials, ...fields)) {
        if (partial === null) throw new Error('a partial is missing');
        yield partial;
      }
    }
  }

  /** Begins a task and computes it. Returns nothing if it is not wanted any more, or done. */
  async function compute({ id, run, shard }: TaskData, change: Change): Promise<Outcome<Computed> | undefined> {
    const number = Number(await change('begin', shard === undefined ? 0 : 1));
    if (number <= 0) return undefined;
    const task = { id, run, abort: new AbortController() };
    const { signal } = task.abort;
    running.add(task);
    if (stopping.aborted) task.abort.abort();
    const planOf = () => plans(`${id} ${run}`, async () => String(await redis.hget(jobKeys(id)[0], 'plan')));
    const computed = async (): Promise<Computed> =>
      shard === undefined
        ? { result: await worker.merge(await planOf(), partialsOf(id), signal) }
        : { partial: await worker.shard(await planOf(), shard, signal) };
    return attempt(worker, { number, backoffMs, signal }, computed).finally(() => running.delete(task));
  }

  /** Returns whether the job goes on. */
  async function store(value: Computed, { distributions = 0, bytes = 0 }: TaskData, change: Change): Promise<boolean> {
    if ('result' in value) {
      await change('finish', 'succeeded', 'result', value.result);
      return true;
    }
    const { buffer, byteOffset, byteLength } = value.partial;
    const limit = [jobLimits.partialBytes, JSON.stringify(partialsTooLarge(worker))];
    return (await change('complete', Buffer.from(buffer, byteOffset, byteLength), distributions, bytes, ...limit)) !== 0;
  }

  return async (job: Job<TaskData>, token: string): Promise<void> => {
    const { id, run, shard } = job.data;
    const about = [run, shard ?? 'merge', bullKey(job.queueName, String(job.id))];
    const change: Change = (name, ...args) => script(name, id, jobKeys(id), [...about, ...args]);
    const outcome = await compute(job.data, change);
    switch (outcome?.kind) {
      case undefined:
        return;
      case 'done':
        if (await store(outcome.value, job.data, change)) return;
        break;
      case 'aborted':
        await change('leave', stopping.aborted ? 1 : 0);
        if (!stopping.aborted) return;
        await job.moveToWait(token);
        throw new told.WaitingError();
      case 'again':
        await change('leave', 0);
        throw Object.assign(new Error('tried again'), { inMs: outcome.inMs });
      case 'failed':
        await change('finish', 'failed', 'problem', JSON.stringify(outcome.problem));
    }
    await flows.remove({ id, run, version: worker.version });
    throw new told.UnrecoverableError('the job failed');
  };
}
