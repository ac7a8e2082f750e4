import type { DatabaseSync } from 'node:sqlite';
import type { JobStatus, JsonValue } from '../../engine.ts';
import { isDue, transact } from './database.ts';

/** How jobs of a file end. `end` and `settle` are called within a transaction. */
export function jobEnds(database: DatabaseSync, retentionMs: number) {
  const endJob = database.prepare(
    `UPDATE jobs SET status = :status, finished_at = :now, expires_at = :now + ${retentionMs}
     WHERE id = :id AND status IN ('queued', 'running', 'cancelling')`,
  );
  const setDocument = database.prepare('UPDATE documents SET result = ?, problem = ? WHERE job = ?');
  const deleteTasks = database.prepare('DELETE FROM tasks WHERE job = ?');
  const deletePartials = database.prepare('DELETE FROM partials WHERE job = ?');
  const setCancelling = database.prepare("UPDATE jobs SET status = 'cancelling' WHERE id = ? AND status IN ('queued', 'running')");
  const deleteIdleTasks = database.prepare(`DELETE FROM tasks WHERE job = :id AND (runs = 0 OR ${isDue})`);
  const anyTask = database.prepare('SELECT 1 FROM tasks WHERE job = ? LIMIT 1');
  const cancelling = database.prepare("SELECT id FROM jobs WHERE status = 'cancelling'");
  const anyExpired = database.prepare('SELECT 1 FROM jobs WHERE expires_at <= ? LIMIT 1');
  const deleteExpired = database.prepare('DELETE FROM jobs WHERE expires_at <= ?');

  /** A job is over. */
  function end(id: string, status: JobStatus, { result, problem }: { result?: string; problem?: JsonValue } = {}): void {
    if (endJob.run({ id, status, now: Date.now() }).changes === 0) return;
    setDocument.run(result ?? null, problem === undefined ? null : JSON.stringify(problem), id);
    deleteTasks.run(id);
    deletePartials.run(id);
  }

  /** A job that is being cancelled is, once nothing of it runs. */
  function settle(id: string): void {
    deleteIdleTasks.run({ id, now: Date.now() });
    if (anyTask.get(id) === undefined) end(id, 'cancelled');
  }

  return {
    end,
    settle,
    cancel: (id: string): void =>
      transact(database, () => {
        if (setCancelling.run(id).changes > 0) settle(id);
      }),
    /** Ends what was cancelled while its workers died, and deletes what has expired. */
    sweep(): void {
      for (const { id } of cancelling.all()) transact(database, () => settle(String(id)));
      const now = Date.now();
      if (anyExpired.get(now) !== undefined) deleteExpired.run(now);
    },
  };
}

export type JobEnds = ReturnType<typeof jobEnds>;
