import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import type { BodyLane } from '../../src/pool/lanes.ts';
import { createWorkerPool } from '../../src/pool/worker-pool.ts';
import { ownInput } from '../../src/tasks/task.ts';
import { arrived, expected, type Fault } from '../faults/faulty-worker.ts';

const script = new URL('../faults/faulty-worker.ts', import.meta.url);
const never = new AbortController().signal;

/** A pool with so many threads for large bodies, and every thread that it has started. */
function opened(t: TestContext, { threads = 2, idleMs = 60_000, onLoss = (error: Error): void => assert.fail(error) } = {}) {
  const started: Worker[] = [];
  const onWorker = (message: unknown) => started.push((message as { worker: Worker }).worker);
  subscribe('worker_threads', onWorker);
  const pool = createWorkerPool({ threads, heapMb: 40, script, idleMs }, () => {}, onLoss);
  t.after(async () => {
    unsubscribe('worker_threads', onWorker);
    await pool.close();
  });
  return { pool, started };
}

/** What is run: `meets` ends when so many tasks with its state have come. */
function tasks(pool: ReturnType<typeof createWorkerPool>, meeting = 1) {
  const state = new Int32Array(new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT));
  state[expected] = meeting;
  const body = { memory: new SharedArrayBuffer(8), length: 8, numbers: 0, state: state.buffer };
  const run = (lane: BodyLane, fault: Fault, terminate = never) =>
    pool.run(lane, { id: 0, input: { ...ownInput, problemContext: { path: '', requestId: fault } }, body, posted: 0 }, terminate);
  /** Lets all who meet go on. */
  const release = () => {
    Atomics.store(state, arrived, meeting);
    Atomics.notify(state, arrived);
  };
  return { run, release };
}

test('no thread starts before there is work, and one for each task that waits', async (t) => {
  const { pool, started } = opened(t);
  assert.equal(started.length, 0);
  await tasks(pool).run('small', 'answers at once');
  assert.equal(started.length, 1);
  const { run } = tasks(pool, 3);
  await Promise.all([run('large', 'meets'), run('large', 'meets'), run('small', 'meets')]);
  assert.equal(started.length, 3);
});

test('threads that have had no work for a while end, but for one', async (t) => {
  const { pool, started } = opened(t, { idleMs: 1 });
  const { run } = tasks(pool, 3);
  await Promise.all([run('large', 'meets'), run('large', 'meets'), run('small', 'meets')]);
  // a thread that has ended has no id
  while (started.filter(({ threadId }) => threadId === -1).length < 2) await new Promise(setImmediate);
  await tasks(pool).run('large', 'answers at once');
  assert.equal(started.length, 3);
});

test('small tasks take every thread that is idle; large ones leave one, however many wait', async (t) => {
  const { pool } = opened(t);
  const small = tasks(pool, 3);
  await Promise.all([1, 2, 3].map(() => small.run('small', 'meets')));

  const large = tasks(pool, 3);
  const waiting = [1, 2, 3].map(() => large.run('large', 'meets'));
  assert.equal(pool.waiting('large'), 1);
  await tasks(pool).run('small', 'answers at once');
  assert.equal(pool.waiting('large'), 1);
  large.release();
  await Promise.all(waiting);
});

test('small tasks that wait move to threads that large ones leave', async (t) => {
  const { pool, started } = opened(t);
  const large = tasks(pool, 3);
  const held = [1, 2].map(() => large.run('large', 'meets'));
  const small = tasks(pool, 3);
  const waiting = [1, 2, 3].map(() => small.run('small', 'meets'));
  large.release();
  await Promise.all([...held, ...waiting]);
  assert.equal(started.length, 3);
});

test('tasks of a lane begin in the order in which they came', async (t) => {
  const { pool } = opened(t, { threads: 1 });
  const { run, release } = tasks(pool, 2);
  const held = run('large', 'meets');
  const ended: number[] = [];
  const queued = Array.from({ length: 9 }, (_, place) => run('large', 'answers at once').then(() => ended.push(place)));
  release();
  await Promise.all([held, ...queued]);
  assert.deepEqual(
    ended,
    queued.map((_, place) => place),
  );
});

test('a thread that is ended as it answers gets no further task', async (t) => {
  const { pool } = opened(t, { threads: 1, onLoss: () => {} });
  for (let round = 0; round < 20; round++) {
    const { run, release } = tasks(pool, 2);
    const leaving = new AbortController();
    const left = run('large', 'meets', leaving.signal);
    const waits = run('large', 'answers at once');
    // so that it runs, and its answer is on the way
    while (pool.waiting('large') > 1) await new Promise(setImmediate);
    release();
    leaving.abort();
    await left;
    assert.ok('answered' in (await waits));
  }
});

test('what is run by a pool that closes is lost at once, and waits for nothing', async (t) => {
  const { pool, started } = opened(t);
  const { run } = tasks(pool);
  const closed = pool.close();
  await assert.rejects(run('small', 'answers at once'), { code: 'WORKER_LOST' });
  await closed;
  await assert.rejects(run('large', 'answers at once'), { code: 'WORKER_LOST' });
  assert.equal(started.length, 0);
});
