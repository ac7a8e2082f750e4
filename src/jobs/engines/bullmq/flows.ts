import type { FlowJob, FlowProducer, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { maxAttempts } from '../attempts.ts';
import type { Run } from './job-hashes.ts';
import { bullId, mergeQueue, prefix, shardQueue } from './keys.ts';

/** What a worker is told of a shard; of a merge, what they have in common. */
export type TaskData = {
  readonly id: string;
  readonly run: string;
  readonly shard?: number;
  readonly distributions?: number;
  readonly bytes?: number;
};

/**
 * A job in BullMQ: its merge waits for its shards. The first shards of all jobs come before the second ones, so that a small job does not
 * wait for all of a large one. What is over leaves BullMQ at once: the job's own hash says what became of it.
 */
function flowOf({ id, version, run, sizes }: Run): FlowJob {
  const opts = { attempts: maxAttempts, backoff: { type: 'custom' }, removeOnComplete: true, removeOnFail: true } as const;
  const task: TaskData = { id, run };
  return {
    name: 'merge',
    queueName: mergeQueue(version),
    data: task,
    opts: { ...opts, jobId: bullId(id, run) },
    children: sizes.map(({ distributions, bytes }, shard) => ({
      name: 'shard',
      queueName: shardQueue(version),
      data: { ...task, shard, distributions, bytes },
      opts: { ...opts, jobId: bullId(id, run, shard), priority: shard + 1, failParentOnFailure: true },
    })),
  };
}

/** Puts jobs into BullMQ's queues, and takes them out. Queues are by version: workers see those of their own. */
export function createFlows(
  bullmq: { FlowProducer: typeof FlowProducer; Queue: typeof Queue },
  connection: Redis,
  report: (error: unknown) => void,
) {
  const options = { connection, prefix, skipWaitingForReady: true };
  const producer = new bullmq.FlowProducer(options);
  producer.on('error', report);
  const queues = new Map<string, Queue>();

  function queueOf(name: string): Queue {
    const known = queues.get(name);
    if (known) return known;
    const queue = new bullmq.Queue(name, options);
    queue.on('error', report);
    queues.set(name, queue);
    return queue;
  }

  let lastAdded: Promise<unknown> = Promise.resolve();

  return {
    /**
     * Adds what is not there yet, one job after the other: a job of thousands of shards is one transaction, and all at once would keep
     * Redis from answering the last of them within the timeout of a command.
     */
    async add(run: Run): Promise<void> {
      const added = lastAdded.then(() => producer.add(flowOf(run)));
      lastAdded = added.catch(() => {});
      await added;
    },
    /** Takes out what waits. If shards run, their failing takes out the merge. */
    async remove({ id, run, version }: Pick<Run, 'id' | 'run' | 'version'>): Promise<void> {
      const merge = await queueOf(mergeQueue(version)).getJob(bullId(id, run));
      if (!merge) return;
      await merge.removeUnprocessedChildren();
      await merge.remove({ removeChildren: false }).catch(() => {});
    },
    async load(version: string): Promise<{ waiting: number; running: number }> {
      const counts = await Promise.all(
        [shardQueue, mergeQueue].map((name) => queueOf(name(version)).getJobCounts('waiting', 'prioritized', 'delayed', 'active')),
      );
      const sum = (...states: string[]) =>
        counts.reduce((total, count) => total + states.reduce((some, state) => some + (count[state] ?? 0), 0), 0);
      return { waiting: sum('waiting', 'prioritized', 'delayed'), running: sum('active') };
    },
    async close(): Promise<void> {
      await Promise.all([producer.close(), ...[...queues.values()].map((queue) => queue.close())]);
    },
  };
}

export type Flows = ReturnType<typeof createFlows>;
