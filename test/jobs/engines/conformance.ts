import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { RequestError } from '../../../src/errors/request-error.ts';
import { type JobEngine, type JobRecord, type JobState, JobTooLarge, overStatuses } from '../../../src/jobs/engine.ts';
import { jobLimits } from '../../../src/jobs/engines/limits.ts';
import { cases } from '../../cases.ts';
import { fault, gate, problem, toyJob, toyWorker, until } from './toy-worker.ts';
import type { ProcessOptions } from './worker-process.ts';

export type EngineOptions = { readonly retentionMs?: number; readonly timesMs?: { readonly lease?: number; readonly backoff?: number } };

/** A store that is empty, and the engines on it. */
export type Store = {
  readonly engine: (options?: EngineOptions) => Promise<JobEngine>;
  readonly forProcess: ProcessOptions['store'];
};

const ann = 'ann';
const processFile = fileURLToPath(new URL('worker-process.ts', import.meta.url));

const over = (engine: JobEngine, id: string, client = ann): Promise<JobRecord> =>
  until(async () => {
    const record = await engine.find(id, client);
    return record && overStatuses.includes(record.status) ? record : undefined;
  });

/** A process that works, and its shards as it begins them. */
export function workerProcess(t: TestContext, options: ProcessOptions) {
  const child: ChildProcess = spawn(process.execPath, [processFile, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const begun: number[] = [];
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => begun.push(Number(line)));
  const exited = once(child, 'exit');
  return { child, begun, exited };
}

/** Numbers from 0 to 1, the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Kind = { readonly name: string; readonly skip: string | false; readonly store: (t: TestContext) => Promise<Store> };

/** What holds for each engine. */
export function engineConforms({ name, skip, store: newStore }: Kind): void {
  const check = (title: string, run: (store: Store, t: TestContext) => Promise<void>) =>
    test(`${name}: ${title}`, { skip }, async (t) => run(await newStore(t), t));

  check('a job is computed shard by shard, merged in order, and keeps its result', async (store) => {
    const engine = await store.engine();
    const { status, progress } = await engine.submit(toyJob('job-1', 7));
    assert.deepEqual([status, progress.shards], ['queued', { total: 7, done: 0, retried: 0 }]);
    engine.work(toyWorker({ concurrency: 3 }));
    const done = await over(engine, 'job-1');
    assert.deepEqual([done.status, done.result, done.problem], ['succeeded', 'each of 7 once', undefined]);
    assert.deepEqual(done.progress, {
      shards: { total: 7, done: 7, retried: 0 },
      distributions: { total: 28, done: 28 },
      bytes: { total: 70, done: 70 },
    });
    assert.deepEqual(done.plan, { shards: 7, ms: 0, partialBytes: 4 });
    const times = [done.createdAt, done.startedAt, done.finishedAt, done.expiresAt].map(Number);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.deepEqual(await engine.load('1'), { waiting: 0, running: 0 });
  });

  check('what is submitted under the id of a job is that job, also when it is over and when something else is asked for', async (store) => {
    const engine = await store.engine();
    const first = await engine.submit(toyJob('job-1', 3));
    assert.equal(first.fingerprint, toyJob('job-1', 3).fingerprint);
    for (const shards of [3, 4]) assert.deepEqual(await engine.submit(toyJob('job-1', shards)), first);
    engine.work(toyWorker());
    const done = await over(engine, 'job-1');
    assert.equal(done.result, 'each of 3 once');
    for (const shards of [3, 4]) assert.deepEqual(await engine.submit(toyJob('job-1', shards)), done);
  });

  check('of jobs submitted at once under one id by two instances one is created, whatever they ask for', async (store) => {
    const engines = [await store.engine(), await store.engine()];
    for (let round = 0; round < 10; round += 1) {
      const id = `job-${round}`;
      const records = await Promise.all([...engines, ...engines].map((engine, index) => engine.submit(toyJob(id, 5 + (index % 2) * 20))));
      for (const record of records) assert.deepEqual(record, records[0]);
    }
    engines[0].work(toyWorker({ concurrency: 4 }));
    for (let round = 0; round < 10; round += 1) {
      const { result, progress } = await over(engines[1], `job-${round}`);
      assert.equal(result, `each of ${progress.shards.total} once`);
    }
  });

  check('clients see their own jobs only', async (store) => {
    const engine = await store.engine();
    await engine.submit(toyJob('job-1', 1));
    assert.equal(await engine.find('job-1', 'bob'), undefined);
    assert.equal(await engine.cancel('job-1', 'bob'), undefined);
    assert.equal(await engine.remove('job-1', 'bob'), 'not_found');
    assert.deepEqual((await engine.list('bob', { limit: 10 })).jobs, []);
    const told: JobState[] = [];
    const end = engine.watch('job-1', 'bob', (state) => told.push(state));
    engine.work(toyWorker());
    await over(engine, 'job-1');
    end();
    assert.deepEqual(told, []);
    assert.equal((await engine.submit(toyJob('job-1', 1, { client: 'bob' }))).client, ann);
  });

  check('the list has the newest first, in pages, of one status if asked', async (store) => {
    const engine = await store.engine();
    const ids = Array.from({ length: 5 }, (_, index) => `job-${index}`);
    for (const id of ids) {
      await engine.submit(toyJob(id, 1));
      const { createdAt } = await until(() => engine.find(id, ann));
      await until(() => Date.now() > createdAt);
    }
    await engine.submit(toyJob('job-of-bob', 1, { client: 'bob' }));
    const first = await engine.list(ann, { limit: 3 });
    assert.deepEqual(
      first.jobs.map(({ id }) => id),
      ['job-4', 'job-3', 'job-2'],
    );
    const second = await engine.list(ann, { limit: 3, cursor: first.cursor });
    assert.deepEqual([second.jobs.map(({ id }) => id), second.cursor], [['job-1', 'job-0'], undefined]);
    await engine.cancel('job-3', ann);
    await engine.cancel('job-1', ann);
    const cancelled = await engine.list(ann, { limit: 1, status: 'cancelled' });
    assert.deepEqual(
      cancelled.jobs.map(({ id }) => id),
      ['job-3'],
    );
    const rest = await engine.list(ann, { limit: 1, status: 'cancelled', cursor: cancelled.cursor });
    assert.deepEqual([rest.jobs.map(({ id }) => id), rest.cursor], [['job-1'], undefined]);
    // the job of a cursor may be gone
    await engine.remove('job-3', ann);
    assert.deepEqual(await engine.list(ann, { limit: 1, status: 'cancelled', cursor: cancelled.cursor }), rest);
    for (const cursor of ['abc', '', `${cancelled.cursor}A`, String(cancelled.cursor).slice(1)]) {
      await assert.rejects(engine.list(ann, { limit: 5, cursor }), { code: 'INVALID_VALUE' });
    }
  });

  check('a cursor that is altered is refused, or leads to jobs of its client', async (store) => {
    const engine = await store.engine();
    const ids = ['job-0', 'job-1', 'job-2'];
    for (const id of ids) await engine.submit(toyJob(id, 1));
    await engine.submit(toyJob('job-3', 1, { client: 'bob' }));
    const { cursor = '' } = await engine.list(ann, { limit: 1 });
    const letter = fc.string({ unit: 'grapheme', maxLength: 3 });
    const place = fc.nat(cursor.length);
    const spliced = fc.tuple(place, fc.nat(3), letter).map(([at, gone, put]) => cursor.slice(0, at) + put + cursor.slice(at + gone));
    const elsewhere = fc
      .tuple(fc.oneof(fc.bigInt(), fc.maxSafeInteger(), fc.double()), fc.oneof(fc.constantFrom(...ids, '-', '__proto__'), fc.string()))
      .map(([time, id]) => Buffer.from(`${time} ${id}`).toString('base64url'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(spliced, elsewhere, fc.string()), async (altered) => {
        try {
          const { jobs } = await engine.list(ann, { limit: 2, cursor: altered });
          assert.ok(jobs.length <= 2 && jobs.every(({ id }) => ids.includes(id)));
        } catch (error) {
          const [fault] = error instanceof RequestError ? error.faults : [];
          assert.deepEqual([fault?.code, fault?.pointer], ['INVALID_VALUE', '#/cursor'], String(error));
        }
      }),
    );
  });

  check('of jobs submitted in the same ms each is on one page, also where the clock goes on meanwhile', async (store, t) => {
    const engine = await store.engine();
    const ids = ['job-2', 'job-1', 'job-0'];
    const begin = Date.now();
    for (const id of ids.toReversed()) {
      let now = begin;
      const clock = t.mock.method(Date, 'now', () => now++);
      await engine.submit(toyJob(id, 1));
      clock.mock.restore();
      assert.equal((await engine.find(id, ann))?.createdAt, begin);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await engine.list(ann, { limit: 1, cursor });
      seen.push(...page.jobs.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ids);
  });

  check('a job that waits is cancelled at once and never begun', async (store) => {
    const engine = await store.engine();
    await engine.submit(toyJob('job-1', 5));
    assert.equal((await engine.cancel('job-1', ann))?.status, 'cancelled');
    const begun: number[] = [];
    engine.work(toyWorker({ during: (index) => void begun.push(index) }));
    await engine.submit(toyJob('job-2', 1));
    await over(engine, 'job-2');
    assert.deepEqual(begun, [0]);
    assert.equal((await engine.cancel('job-1', ann))?.status, 'cancelled');
    assert.equal(await engine.cancel('job-3', ann), undefined);
  });

  check('a job that runs in another instance is cancelling until its shards have heard of it, then cancelled', async (store) => {
    const [asker, computer] = [await store.engine(), await store.engine({ timesMs: { lease: 600_000 } })];
    const begun = gate();
    const heard = gate();
    computer.work(
      toyWorker({
        during: async (_, signal) => {
          begun.open();
          signal.addEventListener('abort', () => heard.open());
          await new Promise(() => {});
        },
      }),
    );
    await asker.submit(toyJob('job-1', 5));
    await begun.passed;
    // its shards may have heard of it before the answer
    assert.match(String((await asker.cancel('job-1', ann))?.status), /^cancell(ing|ed)$/);
    await heard.passed;
    const { status, progress, result, problem } = await over(asker, 'job-1');
    assert.deepEqual([status, progress.shards.done, result, problem], ['cancelled', 0, undefined, undefined]);
    assert.deepEqual(await until(async () => (await computer.load('1')).running === 0 && computer.load('1')), { waiting: 0, running: 0 });
  });

  check('a job is cancelled also when the process that computed it died', async (store, t) => {
    const engine = await store.engine();
    const { begun, exited } = workerProcess(t, { store: store.forProcess, timesMs: { lease: 500 }, diesIn: 0 });
    await engine.submit(toyJob('job-1', 3));
    await until(() => begun.length === 1);
    await exited;
    await engine.cancel('job-1', ann);
    assert.equal((await over(engine, 'job-1')).status, 'cancelled');
  });

  check('a job is removed only when it is over, and its id is free then', async (store) => {
    const engine = await store.engine();
    await engine.submit(toyJob('job-1', 2));
    assert.equal(await engine.remove('job-1', ann), 'not_over');
    await engine.cancel('job-1', ann);
    assert.equal(await engine.remove('job-1', ann), 'removed');
    assert.equal(await engine.remove('job-1', ann), 'not_found');
    assert.deepEqual((await engine.list(ann, { limit: 10 })).jobs, []);
    assert.equal((await engine.submit(toyJob('job-1', 4))).progress.shards.total, 4);
    engine.work(toyWorker());
    assert.equal((await over(engine, 'job-1')).result, 'each of 4 once');
    assert.equal(await engine.remove('job-1', ann), 'removed');
    assert.equal((await engine.submit(toyJob('job-1', 3))).progress.shards.total, 3);
    assert.equal((await over(engine, 'job-1')).result, 'each of 3 once');
  });

  check('a fault that no retry mends ends the job with its problem, and aborts its other shards', async (store) => {
    const engine = await store.engine();
    const begun: number[] = [];
    const aborted: number[] = [];
    const both = gate();
    engine.work(
      toyWorker({
        concurrency: 2,
        during: async (index, signal) => {
          begun.push(index);
          if (begun.length === 2) both.open();
          await both.passed;
          if (index === 0) throw fault('SOURCE_CHANGED', false);
          await until(() => signal.aborted);
          aborted.push(index);
        },
      }),
    );
    await engine.submit(toyJob('job-1', 50));
    const { status, problem: why, result, progress } = await over(engine, 'job-1');
    assert.deepEqual(
      [status, why, result, progress.shards],
      ['failed', problem('SOURCE_CHANGED'), undefined, { total: 50, done: 0, retried: 0 }],
    );
    await until(() => aborted.length === 1);
    await engine.stop();
    assert.deepEqual(begun.toSorted(), [0, 1]);
    assert.deepEqual(await engine.load('1'), { waiting: 0, running: 0 });
  });

  check('a fault that may pass is tried again and counted, and the progress never falls', async (store) => {
    const engine = await store.engine({ timesMs: { backoff: 5 } });
    const attempts = new Map<number, number>();
    let merges = 0;
    engine.work(
      toyWorker({
        concurrency: 2,
        during: (index) => {
          const attempt = (attempts.get(index) ?? 0) + 1;
          attempts.set(index, attempt);
          if (index % 2 === 0 && attempt <= 2) throw fault('SOURCE_UNREACHABLE', true);
        },
        beforeMerge: () => {
          merges += 1;
          if (merges === 1) throw new TypeError('no memory');
        },
      }),
    );
    await engine.submit(toyJob('job-1', 6));
    const seen: JobRecord[] = [];
    const { result, progress } = await until(async () => {
      const record = await engine.find('job-1', ann);
      if (record) seen.push(record);
      return record && overStatuses.includes(record.status) ? record : undefined;
    });
    assert.deepEqual([result, progress.shards, merges], ['each of 6 once', { total: 6, done: 6, retried: 6 }, 2]);
    assertMonotone(seen);
  });

  check('after five attempts the job fails with the last problem, or with that of an unexpected error', async (store) => {
    const engine = await store.engine({ timesMs: { backoff: 1 } });
    let attempts = 0;
    engine.work(
      toyWorker({
        during: (index) => {
          if (index === 1) return;
          attempts += 1;
          throw attempts <= 5 ? fault(`FAULT_${attempts}`, true) : new TypeError('a bug');
        },
      }),
    );
    await engine.submit(toyJob('job-1', 1));
    assert.deepEqual((await over(engine, 'job-1')).problem, problem('FAULT_5'));
    await engine.submit(toyJob('job-2', 1));
    assert.deepEqual((await over(engine, 'job-2')).problem, { code: 'UNEXPECTED', message: 'a bug' });
    assert.equal(attempts, 10);
  });

  check('a merge that fails for good fails the job', async (store) => {
    const engine = await store.engine();
    engine.work(
      toyWorker({
        beforeMerge: () => {
          throw fault('SOURCE_NOT_ALLOWED', false);
        },
      }),
    );
    await engine.submit(toyJob('job-1', 2));
    const { status, problem: why } = await over(engine, 'job-1');
    assert.deepEqual([status, why], ['failed', problem('SOURCE_NOT_ALLOWED')]);
  });

  check('a worker of another version leaves a job alone', async (store) => {
    const engine = await store.engine();
    const other = await store.engine();
    const begun: string[] = [];
    other.work(toyWorker({ version: '2', during: () => void begun.push('2') }));
    await engine.submit(toyJob('job-1', 2));
    await engine.submit(toyJob('job-2', 2, { version: '2' }));
    await over(engine, 'job-2');
    assert.equal((await engine.find('job-1', ann))?.status, 'queued');
    assert.deepEqual([await engine.load('1'), begun], [{ waiting: 2, running: 0 }, ['2', '2']]);
    engine.work(toyWorker());
    await over(engine, 'job-1');
    assert.deepEqual(begun, ['2', '2']);
  });

  check('an instance that stops gives its shards back at once, and they count as no retry', async (store) => {
    const [one, two] = [await store.engine({ timesMs: { lease: 600_000 } }), await store.engine({ timesMs: { lease: 600_000 } })];
    const begun = gate();
    let isAborted = false;
    one.work(
      toyWorker({
        during: async (index, signal) => {
          if (index < 2) return;
          signal.addEventListener('abort', () => {
            isAborted = true;
          });
          begun.open();
          await new Promise(() => {});
        },
      }),
    );
    await one.submit(toyJob('job-1', 4));
    await begun.passed;
    await one.stop();
    assert.ok(isAborted);
    assert.equal((await two.load('1')).running, 0);
    const rest: number[] = [];
    two.work(toyWorker({ during: (index) => void rest.push(index) }));
    const { result, progress } = await over(two, 'job-1');
    assert.deepEqual([result, progress.shards.retried, rest], ['each of 4 once', 0, [2, 3]]);
    assert.equal((await one.find('job-1', ann))?.status, 'succeeded');
  });

  check(
    'a watch from any instance tells of a job at most once a second, never of less than before, and of its end at once',
    async (store) => {
      const [one, two] = [await store.engine(), await store.engine()];
      await one.submit(toyJob('job-1', 60, { ms: 30 }));
      const told: JobState[] = [];
      const times: number[] = [];
      const { promise: ended, resolve: end } = Promise.withResolvers<JobRecord>();
      two.watch('job-1', ann, (state, whole) => {
        told.push(state);
        times.push(performance.now());
        if (whole !== undefined) end(whole);
      });
      one.work(toyWorker());
      const { result } = await ended;
      assert.equal(told.at(-1)?.status, 'succeeded');
      assert.equal(result, 'each of 60 once');
      assertMonotone(told);
      assert.ok(
        times.slice(0, -1).every((time, index) => index === 0 || time - times[index - 1] > 990),
        String(times),
      );
      const again = gate();
      two.watch('job-1', ann, ({ status }) => status === 'succeeded' && again.open());
      await again.passed;
    },
  );

  check(
    'plans and results, which may be megabytes, are read where one job is asked for, not by lists and while a job is watched',
    async (store) => {
      const engine = await store.engine();
      const states: JobState[] = [];
      const { promise: ended, resolve: end } = Promise.withResolvers<JobRecord>();
      await engine.submit(toyJob('job-1', 3));
      engine.watch('job-1', ann, (state, whole) => (whole === undefined ? states.push(state) : end(whole)));
      await until(() => states.length > 0);
      engine.work(toyWorker());
      const { plan, result } = await ended;
      assert.deepEqual([plan, result], [toyJob('job-1', 3).plan, 'each of 3 once']);
      for (const state of [...states, ...(await engine.list(ann, { limit: 10 })).jobs]) {
        assert.deepEqual(['plan' in state, 'result' in state], [false, false]);
      }
    },
  );

  check('a job that is over is gone after the retention, and its id is free', async (store) => {
    const engine = await store.engine({ retentionMs: 2_000 });
    engine.work(toyWorker());
    await engine.submit(toyJob('job-1', 1));
    const { finishedAt, expiresAt } = await over(engine, 'job-1');
    assert.equal(Number(expiresAt) - Number(finishedAt), 2_000);
    await until(async () => (await engine.find('job-1', ann)) === undefined);
    assert.deepEqual((await engine.list(ann, { limit: 10 })).jobs, []);
    assert.equal((await engine.submit(toyJob('job-1', 2))).progress.shards.total, 2);
    assert.equal((await over(engine, 'job-1')).result, 'each of 2 once');
  });

  check('what is too large for a store is refused, or fails where only the partials show it', async (store) => {
    const engine = await store.engine();
    await assert.rejects(engine.submit(toyJob('job-1', jobLimits.shards + 1)), JobTooLarge);
    await assert.rejects(engine.submit(toyJob('job-1', 1, { plan: 'x'.repeat(jobLimits.planBytes) })), JobTooLarge);
    assert.equal(await engine.find('job-1', ann), undefined);
    engine.work(toyWorker());
    await engine.submit(toyJob('job-1', 9, { partialBytes: jobLimits.partialBytes / 8 }));
    assert.match(JSON.stringify((await over(engine, 'job-1')).problem), /partials of a job have at most/);
  });

  check('a job of 3 000 shards with partials of 8 MB is computed', async (store, t) => {
    const shards = cases(t, 3_000, 150, 'shards');
    const engine = await store.engine();
    engine.work(toyWorker({ concurrency: 8 }));
    await engine.submit(toyJob('job-1', shards, { partialBytes: Math.ceil(2 ** 23 / shards) }));
    assert.equal((await over(engine, 'job-1')).result, `each of ${shards} once`);
  });

  check('a small job does not wait for all of a large one', async (store) => {
    const engine = await store.engine();
    await engine.submit(toyJob('job-large', 50, { ms: 1 }));
    await engine.submit(toyJob('job-small', 2, { ms: 1 }));
    engine.work(toyWorker());
    const [large, small] = [await over(engine, 'job-large'), await over(engine, 'job-small')];
    assert.ok(Number(small.finishedAt) < Number(large.finishedAt));
  });

  check('workers that are killed at random shards lose nothing and count nothing twice', async (store, t) => {
    const engine = await store.engine();
    const random = seeded(18);
    const options = { store: store.forProcess, timesMs: { lease: 1_000, backoff: 5 } };
    const rounds = cases(t, 20, 2);
    const shards = 10 * rounds;
    await engine.submit(toyJob('job-1', shards, { ms: 5 }));
    let left = rounds;
    const killed = async (): Promise<void> => {
      while (left-- > 0) {
        const diesAfter = { shards: 1 + Math.floor(random() * 3), ms: Math.floor(random() * 10) };
        assert.deepEqual(await workerProcess(t, { ...options, diesAfter }).exited, [null, 'SIGKILL']);
      }
    };
    // while one works, the next one starts
    await Promise.all([killed(), killed(), killed()]);
    assert.equal((await engine.find('job-1', ann))?.status, 'running');
    workerProcess(t, options);
    const { result, progress } = await over(engine, 'job-1');
    const expected = [`each of ${shards} once`, shards, (shards * (shards + 1)) / 2];
    assert.deepEqual([result, progress.shards.done, progress.distributions.done], expected);
  });

  check('a shard whose processes always die fails the job', async (store, t) => {
    const engine = await store.engine();
    await engine.submit(toyJob('job-1', 3));
    const options = { store: store.forProcess, timesMs: { lease: 500, backoff: 5 }, diesIn: 1 };
    let processes = 0;
    const start = (): unknown => {
      processes += 1;
      return workerProcess(t, options).exited.then(() => processes < 6 && start());
    };
    start();
    const { status, problem: why } = await over(engine, 'job-1');
    assert.equal(status, 'failed');
    assert.match(JSON.stringify(why), /all ended/);
    assert.equal(processes, 6);
  });

  check('a process that gets SIGTERM gives its shard back, ends, and another computes it at once', async (store, t) => {
    const engine = await store.engine();
    const options = { store: store.forProcess, timesMs: { lease: 600_000 } };
    const first = workerProcess(t, options);
    await engine.submit(toyJob('job-1', 20, { ms: 50 }));
    await until(() => first.begun.length >= 3);
    first.child.kill('SIGTERM');
    assert.deepEqual(await first.exited, [0, null]);
    engine.work(toyWorker());
    const { result, progress } = await over(engine, 'job-1');
    assert.deepEqual([result, progress.shards.retried], ['each of 20 once', 0]);
  });
}

/** Nothing that a client is told of a job goes back. */
function assertMonotone(records: readonly JobState[]): void {
  const numbers = ({ status, progress: { shards, distributions, bytes } }: JobState) => [
    ['queued', 'running', 'succeeded'].indexOf(status),
    shards.done,
    shards.retried,
    distributions.done,
    bytes.done,
  ];
  for (const [index, record] of records.entries()) {
    const before = index === 0 ? [0, 0, 0, 0, 0] : numbers(records[index - 1]);
    for (const [place, number] of numbers(record).entries()) assert.ok(number >= before[place], JSON.stringify(records));
  }
}
