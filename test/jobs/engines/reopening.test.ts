import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EngineUnavailable, type JobEngine, type JobWorker } from '../../../src/jobs/engine.ts';
import { createLocalEngine } from '../../../src/jobs/engines/local/local-engine.ts';
import { openOrReopen } from '../../../src/jobs/engines/reopening.ts';

/** Opens an engine in a file, but fails as often as it is told to. */
function opener(t: TestContext, failures: Error[]): () => Promise<JobEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'jobs-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return createLocalEngine({ directory, retentionMs: 60_000, report: () => {} });
  };
}

const job = { id: 'a', client: 'me', fingerprint: 'f', version: '1', plan: {}, shards: [{ distributions: 1, bytes: 1 }] };

const worker: JobWorker = {
  version: '1',
  concurrency: 1,
  shard: async () => new Uint8Array(1),
  merge: async () => 'merged',
  problemOf: () => null,
};

test('an engine whose store is away at the start is unavailable until it is there, and then computes', async (t) => {
  const reports: unknown[] = [];
  const failures = [new EngineUnavailable('away'), new EngineUnavailable('still away')];
  const engine = await openOrReopen(opener(t, failures), (error) => reports.push(error), 1);
  t.after(() => engine.close());
  engine.work(worker);
  await assert.rejects(engine.submit(job), EngineUnavailable);
  await assert.rejects(engine.load('1'), EngineUnavailable);
  assert.doesNotThrow(engine.watch('a', 'me', () => {}));
  let record: Awaited<ReturnType<JobEngine['find']>>;
  for (let submitted = false; record?.status !== 'succeeded'; ) {
    if (!submitted)
      submitted = await engine.submit(job).then(
        () => true,
        () => false,
      );
    await new Promise((resolve) => setTimeout(resolve, 5));
    record = await engine.find('a', 'me').catch(() => undefined);
  }
  assert.equal(record.result, 'merged');
  assert.deepEqual(
    reports.map((error) => (error as Error).message),
    ['away', 'still away'],
  );
});

test('an engine that is stopped before its store is reached computes nothing', async (t) => {
  const open = opener(t, [new EngineUnavailable('away')]);
  const worked: JobWorker[] = [];
  const noted = async () => ({ ...(await open()), work: (given: JobWorker) => void worked.push(given) });
  const engine = await openOrReopen(noted, () => {}, 1);
  t.after(() => engine.close());
  engine.work(worker);
  await engine.stop();
  while ((await engine.load('1').catch(() => undefined)) === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(worked, []);
});

test('a store that might lose jobs ends the start, and an engine that never opened is closed at once', async (t) => {
  await assert.rejects(
    openOrReopen(opener(t, [new Error('appendonly is no')]), () => {}),
    /appendonly is no/,
  );
  const engine = await openOrReopen(opener(t, [new EngineUnavailable('away')]), () => {});
  await engine.stop();
  await engine.close();
});
