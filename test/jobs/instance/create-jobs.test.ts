import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
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
  const settings = settingsOf(t);
  const jobs = await createJobs(settings, report, new URL('./dying-job-thread.ts', import.meta.url));
  assert.ok(jobs);
  t.after(jobs.close);
  return { ...jobs.service, stop: jobs.stop, told, hasStopped: () => existsSync(join(settings.jobsDir, 'stopped')) };
}

/** Tells of the threads that begin from now on, and lets another take the place of a lost one without the second that this takes. */
function threadsFromNow(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let begun = 0;
  const count = () => begun++;
  process.on('worker', count);
  t.after(() => process.off('worker', count));
  return async () => {
    t.mock.timers.tick(1_000);
    await turn();
    return begun;
  };
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

test('a thread that is lost after the stop, or was lost before it, has no successor', async (t) => {
  for (const isStoppedFirst of [true, false]) {
    const { cancel, find, stop, told, hasStopped } = await withDyingThread(t);
    const threadsBegun = threadsFromNow(t);
    if (isStoppedFirst) await stop();
    await assert.rejects(cancel('dies', 'ann'), isUnavailable);
    if (!isStoppedFirst) await stop();
    assert.deepEqual([await threadsBegun(), hasStopped(), told], [0, isStoppedFirst, ['killed']]);
    await assert.rejects(find('job-1', 'ann'), isUnavailable);
    t.mock.timers.reset();
  }
});

test('what waits for the next thread is refused where none comes', async (t) => {
  for (const isStoppedFirst of [true, false]) {
    const { cancel, find, stop } = await withDyingThread(t);
    if (isStoppedFirst) await stop();
    const waiting = assert.rejects(find('waits', 'ann'), isUnavailable);
    await assert.rejects(cancel('dies', 'ann'), isUnavailable);
    if (!isStoppedFirst) await stop();
    await waiting;
  }
});

test('a thread that is about to begin when the stop is asked for is stopped before it is', async (t) => {
  const { cancel, stop, told, hasStopped } = await withDyingThread(t);
  const threadsBegun = threadsFromNow(t);
  await assert.rejects(cancel('dies', 'ann'), isUnavailable);
  assert.equal(await threadsBegun(), 1);
  await stop();
  assert.deepEqual([hasStopped(), told], [true, ['killed']]);
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
