import type { DatabaseSync } from 'node:sqlite';
import type { JsonValue } from '../../engine.ts';
import { jobLimits } from '../limits.ts';
import { transact, transactUnsynced } from './database.ts';
import type { JobEnds } from './job-ends.ts';
import { mergeShard, type Task, taskKey } from './task-leases.ts';

/** What tasks are computed from, and what becomes of their outcomes, which count only until another process takes the task. */
export function taskOutcomes(database: DatabaseSync, ends: JobEnds) {
  const removeTask = database.prepare(
    'DELETE FROM tasks WHERE job = ? AND shard = ? AND fence = ? AND runs = 1 RETURNING distributions, bytes',
  );
  const isCancelling = database.prepare("SELECT 1 FROM jobs WHERE id = ? AND status = 'cancelling'");
  const insertPartial = database.prepare('INSERT INTO partials (job, shard, partial) VALUES (?, ?, ?)');
  const countShard = database.prepare(
    `UPDATE jobs SET done_shards = done_shards + 1, done_distributions = done_distributions + ?, done_bytes = done_bytes + ?,
     partial_bytes = partial_bytes + ? WHERE id = ? RETURNING shards, done_shards, partial_bytes`,
  );
  const insertMerge = database.prepare(
    `INSERT INTO tasks (job, shard, version, created_at, distributions, bytes)
     SELECT id, ${mergeShard}, version, created_at, 0, 0 FROM jobs WHERE id = ?`,
  );
  const readPlan = database.prepare('SELECT plan FROM documents WHERE job = ?');
  const readPartial = database.prepare('SELECT partial FROM partials WHERE job = ? AND shard = ?');
  const countShards = database.prepare('SELECT shards FROM jobs WHERE id = ?');

  return {
    plan: async (job: string): Promise<string> => String(readPlan.get(job)?.plan),
    async *partials(job: string): AsyncGenerator<Uint8Array> {
      const shards = Number(countShards.get(job)?.shards);
      for (let shard = 0; shard < shards; shard += 1) yield readPartial.get(job, shard)?.partial as Uint8Array;
    },
    /** Keeps the partial of a shard, and counts it. If the partials of its job become too large, the job fails with `tooLarge`. */
    complete: (task: Task, partial: Uint8Array, tooLarge: () => JsonValue): void =>
      transactUnsynced(database, () => {
        const size = removeTask.get(...taskKey(task));
        if (size === undefined) return;
        if (isCancelling.get(task.job)) return ends.settle(task.job);
        insertPartial.run(task.job, task.shard, partial);
        const row = countShard.get(Number(size.distributions), Number(size.bytes), partial.length, task.job);
        if (Number(row?.partial_bytes) > jobLimits.partialBytes) ends.end(task.job, 'failed', { problem: tooLarge() });
        else if (row?.done_shards === row?.shards) insertMerge.run(task.job);
      }),
    /** Ends the job of a task. */
    finish: (task: Task, status: 'succeeded' | 'failed', document: { result: string } | { problem: JsonValue }): void =>
      transact(database, () => {
        if (removeTask.get(...taskKey(task)) === undefined) return;
        if (isCancelling.get(task.job)) ends.settle(task.job);
        else ends.end(task.job, status, document);
      }),
  };
}

export type TaskOutcomes = ReturnType<typeof taskOutcomes>;
