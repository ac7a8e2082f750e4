import { randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { isDue, transact, transactUnsynced } from './database.ts';
import type { JobEnds } from './job-ends.ts';

/** The merge of a job, which comes before the shards of others. */
export const mergeShard = -1;

export const taskKey = ({ job, shard, fence }: Task) => [job, shard, fence] as const;

/** A task that this process has taken: `fence` tells it from the same task taken by another, and from that of a later job with this id. */
export type Task = {
  readonly job: string;
  readonly shard: number;
  readonly createdAt: number;
  readonly fence: number;
  readonly attempt: number;
};

/**
 * Who computes which task, each function one transaction. The first shards of all jobs come before the second ones, so that a small job
 * does not wait for all of a large one.
 */
export function taskLeases(database: DatabaseSync, ends: JobEnds, leaseMs: number) {
  const nextTask = database.prepare(
    `SELECT job, shard, created_at, attempts FROM tasks WHERE version = :version AND ${isDue}
     AND (SELECT status FROM jobs WHERE id = job) IN ('queued', 'running') ORDER BY shard, created_at LIMIT 1`,
  );
  const lease = database.prepare('UPDATE tasks SET due = ?, runs = 1, attempts = attempts + 1, fence = ? WHERE job = ? AND shard = ?');
  const startJob = database.prepare(
    "UPDATE jobs SET status = 'running', started_at = coalesce(started_at, ?), retried = retried + ? WHERE id = ?",
  );
  const renewLease = database.prepare('UPDATE tasks SET due = ? WHERE job = ? AND shard = ? AND fence = ? AND runs = 1');
  const holdsTask = database.prepare(
    "SELECT 1 FROM tasks JOIN jobs ON id = job WHERE job = ? AND shard = ? AND fence = ? AND runs = 1 AND status = 'running'",
  );
  const returnTask = database.prepare(
    'UPDATE tasks SET due = ?, runs = 0, attempts = attempts - ? WHERE job = ? AND shard = ? AND fence = ? AND runs = 1',
  );
  const isCancelling = database.prepare("SELECT 1 FROM jobs WHERE id = ? AND status = 'cancelling'");
  const countTasks = database.prepare(
    'SELECT count(*) - coalesce(sum(runs), 0) AS waiting, coalesce(sum(runs), 0) AS running FROM tasks WHERE version = ?',
  );

  /** Gives a task back. Of a job that is being cancelled nothing waits. */
  function giveBack(task: Task, due: number, attempts: number): void {
    transact(database, () => {
      returnTask.run(due, attempts, ...taskKey(task));
      if (isCancelling.get(task.job)) ends.settle(task.job);
    });
  }

  return {
    take(version: string): Task | undefined {
      if (nextTask.get({ version, now: Date.now() }) === undefined) return undefined;
      return transactUnsynced(database, () => {
        const now = Date.now();
        const row = nextTask.get({ version, now });
        if (row === undefined) return undefined;
        const task = {
          job: String(row.job),
          shard: Number(row.shard),
          createdAt: Number(row.created_at),
          fence: randomInt(1, 2 ** 48 - 1),
          attempt: Number(row.attempts) + 1,
        };
        lease.run(now + leaseMs, task.fence, task.job, task.shard);
        startJob.run(now, task.attempt > 1 && task.shard !== mergeShard ? 1 : 0, task.job);
        return task;
      });
    },
    renew: (tasks: Iterable<Task>): void =>
      transact(database, () => {
        for (const task of tasks) renewLease.run(Date.now() + leaseMs, ...taskKey(task));
      }),
    /** Returns false once another has taken the task, or its job is cancelled or over. */
    holds: (task: Task): boolean => holdsTask.get(...taskKey(task)) !== undefined,
    retry: (task: Task, inMs: number): void => giveBack(task, Date.now() + inMs, 0),
    /** Gives a task back as if it had not been taken. */
    giveBack: (task: Task): void => giveBack(task, 0, 1),
    load(version: string): { waiting: number; running: number } {
      const row = countTasks.get(version);
      return { waiting: Number(row?.waiting), running: Number(row?.running) };
    },
  };
}

export type TaskLeases = ReturnType<typeof taskLeases>;
