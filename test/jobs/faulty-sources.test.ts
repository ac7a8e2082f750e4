import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startedApp } from '../helper.ts';
import { until } from './engines/toy-worker.ts';
import { storedLogits } from './stored-logits.ts';

/** A service with one thread for jobs, and a store of logits of two shards. */
async function service(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'jobs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { state, request, settings } = await storedLogits(t, 2);
  const { http } = await startedApp(t, { ...settings, JOBS_DIR: folder, JOB_WORKERS: '1' });
  const submit = async () => (await http.post('/v1/jobs').send(request).expect(202)).body.id as string;
  const read = async (id: string) => (await http.get(`/v1/jobs/${id}`).expect(200)).body;
  const ended = (id: string) =>
    until(async () => {
      const job = await read(id);
      return job.done ? job : undefined;
    });
  return { state, submit, read, ended };
}

test('a source that is overwritten between two shards fails the job at once, with the place of the operand', async (t) => {
  const { state, submit, read, ended } = await service(t);
  state.isHeld = (shard) => shard === 1;
  const id = await submit();
  await until(async () => (await read(id)).progress.shards.done === 1 && state.held.size > 0);
  state.etag = '"2"';
  state.isHeld = () => false;
  const { status, progress, problem } = await ended(id);
  assert.deepEqual([status, progress.shards], ['failed', { done: 1, total: 2, retried: 0 }]);
  assert.equal(problem.code, 'SOURCE_CHANGED');
  assert.match(problem.errors[0].pointer, /^#\/(input|target)\/uri$/);
  assert.match(problem.detail, /its ETag is another/);
});

test('answers of 503 and bodies that are cut are asked for again, and the job has the same bits', async (t) => {
  const { state, submit, ended } = await service(t);
  const calm = await ended(await submit());
  state.faults.push('refused', 'cut', 'refused', 'cut', 'refused', 'cut');
  const { status, result } = await ended(await submit());
  assert.deepEqual([status, result, state.faults], ['succeeded', calm.result, []]);
});
