import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { EngineUnavailable } from '../../../../src/jobs/engine.ts';
import { createLocalEngine } from '../../../../src/jobs/engines/local/local-engine.ts';
import { engineConforms } from '../conformance.ts';
import { fault, toyJob, toyWorker, until } from '../toy-worker.ts';

function newDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'jobs-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

engineConforms({
  name: 'local',
  skip: false,
  store: async (t) => {
    const directory = newDirectory(t);
    return {
      forProcess: { directory },
      engine: async ({ retentionMs = 60_000, timesMs = {} } = {}) => {
        const report = (error: unknown) => t.diagnostic(String(error));
        const engine = createLocalEngine({ directory, retentionMs, timesMs: { backoff: 5, ...timesMs }, report });
        t.after(() => engine.close());
        return engine;
      },
    };
  },
});

test('local: a file of another version is refused in one line, and left as it is', (t) => {
  const directory = newDirectory(t);
  const path = join(directory, 'jobs.sqlite');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 7');
  database.close();
  const before = readFileSync(path);
  assert.throws(() => createLocalEngine({ directory, retentionMs: 1_000, report: () => {} }), {
    message: `${path} is of version 7, this service reads version 1: name another folder, or move the file away`,
  });
  assert.deepEqual(readFileSync(path), before);
});

test('local: processes that open a new folder at once share it, and write nothing to stderr', async (t) => {
  const directory = newDirectory(t);
  const module = new URL('../../../../src/jobs/engines/local/local-engine.ts', import.meta.url);
  const program = `
    import { createLocalEngine } from '${module}';
    const engine = createLocalEngine({ directory: ${JSON.stringify(directory)}, retentionMs: 1_000, report: console.error });
    const job = { client: 'ann', fingerprint: '', version: '1', plan: null, shards: [{ distributions: 1, bytes: 1 }] };
    for (let n = 0; n < 20; n += 1) await engine.submit({ ...job, id: process.pid + '-' + n });
    await engine.close();`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  for (const { stderr } of await Promise.all([run(), run(), run(), run()])) assert.equal(stderr, '');
  const engine = createLocalEngine({ directory, retentionMs: 1_000, report: () => {} });
  assert.equal((await engine.list('ann', { limit: 1_000 })).jobs.length, 80);
  await engine.close();
});

test('local: while its file cannot be used an engine is unavailable and says so once, and it goes on afterwards', async (t) => {
  const directory = newDirectory(t);
  const told: string[] = [];
  const engine = createLocalEngine({ directory, retentionMs: 60_000, timesMs: { look: 10 }, report: ({ message }) => told.push(message) });
  t.after(() => engine.close());
  engine.work(toyWorker());
  const other = new DatabaseSync(join(directory, 'jobs.sqlite'));
  t.after(() => other.close());
  other.exec('ALTER TABLE jobs RENAME TO moved_away');
  await assert.rejects(engine.submit(toyJob('job-1', 2)), EngineUnavailable);
  await assert.rejects(engine.find('job-1', 'ann'), EngineUnavailable);
  await until(() => told.length > 0);
  other.exec('ALTER TABLE moved_away RENAME TO jobs');
  await engine.submit(toyJob('job-1', 2));
  await until(async () => (await engine.find('job-1', 'ann'))?.status === 'succeeded');
  assert.deepEqual(told, [...new Set(told)]);
  assert.match(told[0], /^the file of jobs: /);
});

test('local: what waits when the clock is set back an hour goes on at once: a retry, and the end of a job whose process died', async (t) => {
  const now = Date.UTC(2030, 0);
  t.mock.timers.enable({ apis: ['Date'], now });
  const directory = newDirectory(t);
  const engine = createLocalEngine({ directory, retentionMs: 60_000, timesMs: { look: 5 }, report: () => {} });
  t.after(() => engine.close());
  let failed = 0;
  const during = (index: number) => {
    if (index === 0 && failed++ === 0) throw fault('SOURCE_UNREACHABLE', true);
  };
  await engine.submit(toyJob('job-1', 1));
  await engine.submit(toyJob('job-2', 1, { version: '2' }));
  // a process that took the shard of the second job, and is no more
  const other = new DatabaseSync(join(directory, 'jobs.sqlite'));
  other.exec(`UPDATE tasks SET runs = 1, due = ${now + 15_000} WHERE job = 'job-2'`);
  other.close();
  engine.work(toyWorker({ during }));
  await until(async () => failed === 1 && (await engine.load('1')).waiting === 1);
  await engine.cancel('job-2', 'ann');
  assert.equal((await engine.find('job-2', 'ann'))?.status, 'cancelling');
  t.mock.timers.setTime(now - 3_600_000);
  for (const [id, status] of [
    ['job-1', 'succeeded'],
    ['job-2', 'cancelled'],
  ] as const) {
    await until(async () => (await engine.find(id, 'ann'))?.status === status);
  }
});
