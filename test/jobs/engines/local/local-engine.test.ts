import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { createLocalEngine } from '../../../../src/jobs/engines/local/local-engine.ts';
import { engineConforms } from '../conformance.ts';

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
