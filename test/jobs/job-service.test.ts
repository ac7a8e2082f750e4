import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RequestError } from '../../src/errors/request-error.ts';
import { createLocalEngine } from '../../src/jobs/engines/local/local-engine.ts';
import { createJobService } from '../../src/jobs/job-service.ts';
import { toyJob } from './engines/toy-worker.ts';

const request = Buffer.from('{"input": {"uri": "file:///input.npy"}, "target": {"uri": "file:///target.npy"}}');
const { shards, version } = toyJob('', 1);

/** A service on an engine of its own, which submits one request with one key. */
function service(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'jobs-'));
  const engine = createLocalEngine({ directory, retentionMs: 60_000, report: () => {} });
  t.after(async () => {
    await engine.close();
    rmSync(directory, { recursive: true });
  });
  const { submit } = createJobService(engine, async () => ({ plan: { items: [] }, shards, version }));
  return { engine, submit: () => submit(request, { client: 'ann', key: 'nightly', waitMs: 0 }, new AbortController().signal) };
}

const isReused = (error: unknown) => error instanceof RequestError && error.code === 'IDEMPOTENCY_KEY_REUSED';

test('a job of another client that has the id is not shown, even if it was asked for the same', async (t) => {
  const { engine, submit } = service(t);
  const { id } = await submit();
  const { fingerprint = '' } = (await engine.find(id, 'ann')) ?? {};
  await engine.cancel(id, 'ann');
  await engine.remove(id, 'ann');
  await engine.submit(toyJob(id, 1, { client: 'bob', fingerprint, plan: { items: [] } }));
  await assert.rejects(submit(), isReused);
});
