import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warmUpWork } from '../../src/pool/warm-up.ts';
import type { WorkerMessage } from '../../src/pool/worker.ts';
import { createWorkerPool } from '../../src/pool/worker-pool.ts';
import { arrived, expected, type Fault } from './faulty-worker.ts';

const script = new URL('./faulty-worker.ts', import.meta.url);

test('a thread that is ended before it has started is replaced, and so is the next that is lost', async (t) => {
  const pool = createWorkerPool(
    { threads: 2, heapMb: 40, script },
    () => {},
    () => {},
  );
  t.after(() => pool.close());
  const state = new Int32Array(new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT));
  const body = { memory: new SharedArrayBuffer(8), length: 8, numbers: 0, state: state.buffer };
  const taskFor = (fault: Fault): WorkerMessage => ({
    id: 0,
    input: { ...warmUpWork, problemContext: { path: '', requestId: fault } },
    body,
    posted: 0,
  });
  const [first, second, never] = [new AbortController(), new AbortController(), new AbortController().signal];

  state[expected] = 2;
  const held = pool.run(taskFor('meets'), never);
  const ended = pool.run(taskFor('loops'), first.signal);
  const queued = pool.run(taskFor('loops'), second.signal);
  while (Atomics.load(state, arrived) === 0) await new Promise(setImmediate);
  first.abort();
  // the thread that is free now leaves what is queued to the one that starts
  Atomics.store(state, arrived, 2);
  Atomics.notify(state, arrived);
  await held;
  second.abort();
  assert.deepEqual(await Promise.all([ended, queued]), [{ unavailable: 'cancelled' }, { unavailable: 'cancelled' }]);

  // both threads are lost, and nothing is posted afterwards that would have the pool start another
  Atomics.store(state, arrived, 0);
  await Promise.all([1, 2].map(() => pool.run(taskFor('meets'), never)));
  const lost = [1, 2].map(() => pool.run(taskFor('exits'), never).then(String, ({ code }) => code));
  const waits = pool.run(taskFor('meets'), never);
  assert.deepEqual(await Promise.all(lost), ['WORKER_LOST', 'WORKER_LOST']);
  assert.ok('answered' in (await waits));
});
