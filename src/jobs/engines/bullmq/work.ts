import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue, UnrecoverableError, WaitingError, Worker, WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { JobWorker } from '../../engine.ts';
import { maxAttempts } from '../attempts.ts';
import type { Flows, TaskData } from './flows.ts';
import { jobKeys, mergeQueue, prefix, shardQueue } from './keys.ts';
import { type RunningTask, taskRunner } from './run-task.ts';
import type { RunScript } from './scripts.ts';

type BullWorkers = {
  readonly Worker: typeof Worker;
  readonly UnrecoverableError: typeof UnrecoverableError;
  readonly WaitingError: typeof WaitingError;
  readonly Queue: typeof Queue;
};

export type BullmqWork = {
  /** Aborts what runs of a job, or of any, that is wanted no more. */
  readonly look: (id?: string) => Promise<void>;
  /** Aborts what runs, and gives it back. */
  readonly stop: () => Promise<void>;
};

type Options = {
  readonly redis: Redis;
  readonly flows: Flows;
  readonly script: RunScript;
  readonly leaseMs: number;
  readonly backoffMs: number;
  readonly report: (error: unknown) => void;
};

/** Messages get lost while the connection is: what runs is looked after this often, in ms. */
const lookMs = 1_000;

/** A Redis that does not answer for this many ms is away when the process is to end; locks run out by themselves then. */
const awayMs = 1_000;

/** Giving shards back takes some ms. */
const stopMs = 5_000;

/** Takes shards and merges from BullMQ and runs them. */
export function startWork(
  bullmq: BullWorkers,
  worker: JobWorker,
  { redis, flows, script, leaseMs, backoffMs, report }: Options,
): BullmqWork {
  const running = new Set<RunningTask>();
  const stopping = new AbortController();
  const run = taskRunner(bullmq, worker, { redis, flows, script, running, stopping: stopping.signal, backoffMs });
  const options: WorkerOptions = {
    connection: redis,
    prefix,
    lockDuration: leaseMs,
    stalledInterval: Math.ceil(leaseMs / 3),
    maxStalledCount: maxAttempts,
    runRetryDelay: 1_000,
    settings: { backoffStrategy: (_attempts, _type, error) => (error as { inMs?: number } | undefined)?.inMs ?? backoffMs },
  };

  /** What BullMQ itself gave up fails its job, which is over already where we gave it up. */
  async function failed(job: Job<TaskData> | undefined, error: Error): Promise<void> {
    if (job?.finishedOn === undefined) return;
    const problem = JSON.stringify(worker.problemOf(error));
    await script('finish', job.data.id, jobKeys(job.data.id), [job.data.run, '', '', 'failed', 'problem', problem]);
  }

  const { version, concurrency } = worker;
  const workers = [
    new bullmq.Worker<TaskData>(shardQueue(version), (job, token) => run(job, String(token)), { ...options, concurrency }),
    new bullmq.Worker<TaskData>(mergeQueue(version), (job, token) => run(job, String(token)), options),
  ];
  for (const one of workers) {
    one.on('error', report);
    one.on('failed', (job, error) => void failed(job, error).catch(report));
  }

  async function look(id?: string): Promise<void> {
    for (const task of running) {
      if (id !== undefined && id !== task.id) continue;
      const [isRun, status] = await redis.hmget(jobKeys(task.id)[0], 'run', 'status');
      if (isRun !== task.run || status !== 'running') task.abort.abort();
    }
  }

  const looking = setInterval(() => void look().catch(report), lookMs).unref();

  return {
    look,
    async stop() {
      clearInterval(looking);
      stopping.abort();
      for (const { abort } of running) abort.abort();
      const isThere = await Promise.race([redis.ping(), sleep(awayMs, undefined, { ref: false })]).catch(() => undefined);
      // BullMQ would wait for a Redis that is away
      const closed = Promise.all(workers.map((one) => one.close(isThere === undefined))).catch(report);
      if (isThere) await Promise.race([closed, sleep(stopMs, undefined, { ref: false })]);
      redis.disconnect();
    },
  };
}
