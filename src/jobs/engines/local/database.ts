import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Of the tables below. A file of another version is left alone. */
const schemaVersion = 1;

/** Other processes hold the file for some ms; after this many it counts as unavailable. */
const busyMs = 5_000;

/**
 * A task is a shard that is not done yet, or the merge of its job as shard −1, which is there once all shards are done. It may be taken
 * from `due` on: while it runs that is the end of its lease, after a failure the end of its pause. The process that
 * takes it sets a `fence` of its own, and only with that fence it can be changed from then on. Plans, results and problems lie apart from
 * the counts that each shard changes.
 */
const schema = `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY, client TEXT NOT NULL, fingerprint TEXT NOT NULL, version TEXT NOT NULL, status TEXT NOT NULL,
    created_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER, expires_at INTEGER,
    shards INTEGER NOT NULL, distributions INTEGER NOT NULL, bytes INTEGER NOT NULL,
    done_shards INTEGER NOT NULL DEFAULT 0, done_distributions INTEGER NOT NULL DEFAULT 0, done_bytes INTEGER NOT NULL DEFAULT 0,
    retried INTEGER NOT NULL DEFAULT 0, partial_bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX jobs_of_client ON jobs (client, created_at, id);
  CREATE INDEX jobs_by_end ON jobs (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX jobs_cancelling ON jobs (id) WHERE status = 'cancelling';
  CREATE TABLE documents (job TEXT PRIMARY KEY REFERENCES jobs ON DELETE CASCADE, plan TEXT NOT NULL, result TEXT, problem TEXT) STRICT;
  CREATE TABLE tasks (
    job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE, shard INTEGER NOT NULL, version TEXT NOT NULL, created_at INTEGER NOT NULL,
    distributions INTEGER NOT NULL, bytes INTEGER NOT NULL,
    due INTEGER NOT NULL DEFAULT 0, runs INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, fence INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, shard)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tasks_in_turn ON tasks (version, shard, created_at);
  CREATE TABLE partials (job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE, shard INTEGER NOT NULL, partial BLOB NOT NULL, UNIQUE (job, shard)) STRICT;
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * Opens the file of jobs in a folder, which it makes if need be. Several processes of one machine may have it open; locks do not work on
 * network file systems. A transaction is on the disk when it is over, but for those of `transactUnsynced`.
 * @throws Error in one line, if the folder cannot be made or the file is of another version
 */
export function openDatabase(folder: string): DatabaseSync {
  makeFolder(folder);
  const path = join(folder, 'jobs.sqlite');
  const database = new DatabaseSync(path, { timeout: busyMs });
  try {
    database.exec('PRAGMA synchronous = FULL');
    transact(database, () => {
      const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
      if (version === 0) database.exec(schema);
      else if (version !== schemaVersion) {
        throw new Error(
          `${path} is of version ${version}, this service reads version ${schemaVersion}: name another folder, or move the file away`,
        );
      }
    });
    database.exec('PRAGMA journal_mode = WAL');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Makes a folder and those above it. In /proc, `recursive` of mkdirSync tries for ever. */
function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // another process may have made it
    if (!isFolder(folder)) throw error;
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Longer than any lease and any pause. */
const longestWaitMs = 60_000;

/** Whether a task may be taken `:now`: also where it would wait for longer than tasks do, since the clock was set back meanwhile. */
export const isDue = `(due <= :now OR due > :now + ${longestWaitMs})`;

/** Runs statements that are done together or not at all, and by one process at a time. */
export function transact<T>(database: DatabaseSync, run: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = run();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Runs a transaction that is on the disk only when a later one is, at the latest when leases are renewed next. A process that dies loses
 * nothing by it; a machine that loses power computes the shards of the last seconds again. The event loop, which answers requests too,
 * waits for the disk that much less.
 */
export function transactUnsynced<T>(database: DatabaseSync, run: () => T): T {
  database.exec('PRAGMA synchronous = NORMAL');
  try {
    return transact(database, run);
  } finally {
    database.exec('PRAGMA synchronous = FULL');
  }
}
