import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RequestError } from '../../../src/errors/request-error.ts';
import { createJobs } from '../../../src/jobs/instance/create-jobs.ts';
import { defaultLimits } from '../../../src/sources/source-settings.ts';
import { until } from '../engines/toy-worker.ts';

function settingsOf(t: TestContext) {
  const jobsDir = mkdtempSync(join(tmpdir(), 'jobs-'));
  t.after(() => rmSync(jobsDir, { recursive: true }));
  const sources = { prefixes: ['file:///data/'], outputs: [], privateNetworks: [], limits: defaultLimits };
  return { jobs: 'local', jobsDir, jobsRedisUrl: undefined, jobWorkers: 1, jobRetentionSeconds: 60, sources, version: '1' } as const;
}

const isUnavailable = (error: unknown) =>
  error instanceof RequestError && error.code === 'JOBS_UNAVAILABLE' && error.advice.retryAfter === 5;

async function withDyingThread(t: TestContext) {
  const told: string[] = [];
  const report = (error: unknown) => void told.push((error as Error).message);
  const jobs = await createJobs(settingsOf(t), report, new URL('./dying-job-thread.ts', import.meta.url));
  assert.ok(jobs);
  t.after(jobs.close);
  return { ...jobs.service, told };
}

test('a thread that dies refuses the change it was asked for, and another takes its place and goes on with the watches', async (t) => {
  const { cancel, find, watch, told } = await withDyingThread(t);
  const states: string[] = [];
  const stop = watch('job-1', 'ann', ({ state }) => states.push(state));
  await until(() => states.length === 1);
  await assert.rejects(cancel('dies', 'ann'), isUnavailable);
  assert.deepEqual(told, ['killed']);
  await assert.rejects(find('job-1', 'ann'), isUnavailable);
  await until(() => states.length === 2);
  assert.equal((await find('job-1', 'ann'))?.id, 'job-1');
  stop();
});

test('what only reads is asked again of the next thread, and refused where that dies too', async (t) => {
  const { cancel, find, told } = await withDyingThread(t);
  const waiting = find('waits', 'ann');
  await assert.rejects(cancel('dies', 'ann'), isUnavailable);
  assert.equal((await waiting)?.id, 'job-1');
  await assert.rejects(find('dies', 'ann'), isUnavailable);
  assert.deepEqual(told, ['killed', 'killed', 'killed']);
});

test('an engine that cannot be used refuses the start in one line', async (t) => {
  const settings = settingsOf(t);
  writeFileSync(join(settings.jobsDir, 'jobs.sqlite'), 'no database, but a text that is long enough to be looked at '.repeat(20));
  await assert.rejects(
    createJobs(settings, () => {}),
    /^Error: JOBS_DIR cannot be used: file is not a database$/,
  );
});

test('a client who goes away before the answer is not waited for', async (t) => {
  const jobs = await createJobs(settingsOf(t), () => {});
  assert.ok(jobs);
  t.after(jobs.close);
  const gone = new AbortController();
  const answer = jobs.service.submit(Buffer.from('{}'), { client: 'ann', key: undefined, waitMs: 0 }, gone.signal);
  gone.abort(new Error('gone'));
  await assert.rejects(answer, /gone/);
  await assert.rejects(
    jobs.service.submit(Buffer.from('{'), { client: 'ann', key: undefined, waitMs: 0 }, new AbortController().signal),
    (error) => error instanceof RequestError && error.code === 'INVALID_JSON',
  );
});
