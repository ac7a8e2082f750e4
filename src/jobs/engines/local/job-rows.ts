import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type JobRecord, type JobState, type JobStatus, type JsonValue, type NewJob, overStatuses } from '../../engine.ts';
import type { Position } from '../cursor.ts';
import { transact } from './database.ts';

type Row = Record<string, SQLOutputValue>;

const joined = 'FROM jobs JOIN documents ON job = id';
const isThere = '(expires_at IS NULL OR expires_at > :now)';

/** The jobs of a file, each function one transaction. */
export function jobRows(database: DatabaseSync) {
  const insertJob = database.prepare(
    `INSERT INTO jobs (id, client, fingerprint, version, status, created_at, shards, distributions, bytes)
     VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const insertDocument = database.prepare('INSERT INTO documents (job, plan) VALUES (?, ?)');
  const insertTask = database.prepare(
    'INSERT INTO tasks (job, shard, version, created_at, distributions, bytes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const readJob = database.prepare(`SELECT jobs.*, plan, result, problem ${joined} WHERE id = :id AND ${isThere}`);
  const readState = database.prepare(`SELECT jobs.*, problem ${joined} WHERE id = :id AND ${isThere}`);
  const readStatus = database.prepare('SELECT status FROM jobs WHERE id = ?');
  const readPage = database.prepare(
    `SELECT jobs.*, problem ${joined} WHERE client = :client AND (:status IS NULL OR status = :status) AND ${isThere}
     AND (:createdAt IS NULL OR (created_at, id) < (:createdAt, :id)) ORDER BY created_at DESC, id DESC LIMIT :limit`,
  );
  const deleteJob = database.prepare("DELETE FROM jobs WHERE id = ? AND status IN ('succeeded', 'failed', 'cancelled')");
  const deleteExpired = database.prepare('DELETE FROM jobs WHERE expires_at <= ?');

  return {
    insert: (job: NewJob, planText: string): void =>
      transact(database, () => {
        const now = Date.now();
        deleteExpired.run(now);
        const { id, client, fingerprint, version, shards } = job;
        const total = (key: 'distributions' | 'bytes') => shards.reduce((sum, shard) => sum + shard[key], 0);
        const { changes } = insertJob.run(id, client, fingerprint, version, now, shards.length, total('distributions'), total('bytes'));
        if (changes === 0) return;
        insertDocument.run(id, planText);
        for (const [index, { distributions, bytes }] of shards.entries()) insertTask.run(id, index, version, now, distributions, bytes);
      }),
    read(id: string): JobRecord | undefined {
      const row = readJob.get({ id, now: Date.now() });
      return row && { ...stateOf(row), plan: JSON.parse(String(row.plan)), result: textOf(row.result) };
    },
    readState(id: string): JobState | undefined {
      const row = readState.get({ id, now: Date.now() });
      return row && stateOf(row);
    },
    isOver: (id: string): boolean => overStatuses.includes(readStatus.get(id)?.status as JobStatus),
    page: (client: string, { status, before, limit }: { status: JobStatus | undefined; before: Position | undefined; limit: number }) =>
      readPage
        .all({ client, status: status ?? null, createdAt: before?.createdAt ?? null, id: before?.id ?? null, now: Date.now(), limit })
        .map(stateOf),
    delete: (id: string): void => {
      deleteJob.run(id);
    },
  };
}

const textOf = (text: SQLOutputValue) => (typeof text === 'string' ? text : undefined);
const jsonOf = (text: SQLOutputValue): JsonValue | undefined => (typeof text === 'string' ? JSON.parse(text) : undefined);
const timeOf = (time: SQLOutputValue) => (time === null ? undefined : Number(time));

function stateOf(row: Row): JobState {
  return {
    id: String(row.id),
    client: String(row.client),
    fingerprint: String(row.fingerprint),
    version: String(row.version),
    status: row.status as JobStatus,
    createdAt: Number(row.created_at),
    startedAt: timeOf(row.started_at),
    finishedAt: timeOf(row.finished_at),
    expiresAt: timeOf(row.expires_at),
    progress: {
      shards: { total: Number(row.shards), done: Number(row.done_shards), retried: Number(row.retried) },
      distributions: { total: Number(row.distributions), done: Number(row.done_distributions) },
      bytes: { total: Number(row.bytes), done: Number(row.done_bytes) },
    },
    problem: jsonOf(row.problem),
  };
}
