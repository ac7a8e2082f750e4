import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { WorkerMessage } from '../../src/pool/worker.ts';
import { createWorkerPool } from '../../src/pool/worker-pool.ts';
import { ownInput } from '../../src/tasks/task.ts';
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
    input: { ...ownInput, problemContext: { path: '', requestId: fault } },
    body,
    posted: 0,
  });
  const [first, second, never] = [new AbortController(), new AbortController(), new AbortController().signal];

  state[expected] = 2;
  const held = pool.run('large', taskFor('meets'), never);
  const ended = pool.run('large', taskFor('loops'), first.signal);
  const queued = pool.run('large', taskFor('loops'), second.signal);
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
  await Promise.all([1, 2].map(() => pool.run('large', taskFor('meets'), never)));
  const lost = [1, 2].map(() => pool.run('large', taskFor('exits'), never).then(String, ({ code }) => code));
  const waits = pool.run('large', taskFor('meets'), never);
  assert.deepEqual(await Promise.all(lost), ['WORKER_LOST', 'WORKER_LOST']);
  assert.ok('answered' in (await waits));
});

/** Writes a script that no thread can load while a file is there. */
function scriptBrokenBy(file: string): URL {
  const path = `${file}.mjs`;
  const broken = `if (existsSync(${JSON.stringify(file)})) throw new Error('no thread can start');`;
  writeFileSync(path, `import { existsSync } from 'node:fs';\n${broken}\nexport * from ${JSON.stringify(script.href)};\n`);
  return pathToFileURL(path);
}

test('tasks wait while no thread can start, and are answered once one can', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kl-threads-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'broken');
  const losses: Error[] = [];
  const pool = createWorkerPool(
    { threads: 2, heapMb: 40, script: scriptBrokenBy(file) },
    () => {},
    (error) => losses.push(error),
  );
  t.after(() => pool.close());
  const never = new AbortController().signal;
  const state = new Int32Array(new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT));
  const body = { memory: new SharedArrayBuffer(8), length: 8, numbers: 0, state: state.buffer };
  const taskFor = (fault: Fault): WorkerMessage => ({
    id: 0,
    input: { ...ownInput, problemContext: { path: '', requestId: fault } },
    body,
    posted: 0,
  });
  const meet = () => {
    state[arrived] = 0;
    state[expected] = 2;
    return Promise.all([1, 2].map(() => pool.run('large', taskFor('meets'), never)));
  };
  const lose = () => pool.run('large', taskFor('exits'), never).then(String, ({ code }) => code);
  await meet();

  writeFileSync(file, '');
  assert.deepEqual(await Promise.all([lose(), lose()]), ['WORKER_LOST', 'WORKER_LOST']);
  const waiting = meet();
  // some threads have failed to start
  while (losses.length < 4) await sleep(10);
  assert.equal(pool.waiting('large'), 2);
  rmSync(file);
  await waiting;

  // and the next ones that are lost are replaced as well
  assert.deepEqual(await Promise.all([lose(), lose()]), ['WORKER_LOST', 'WORKER_LOST']);
  await meet();
});

test('threads that end because the pool closes are not reported as lost', async () => {
  const losses: Error[] = [];
  const pool = createWorkerPool(
    { threads: 2, heapMb: 40, script },
    () => {},
    (error) => losses.push(error),
  );
  const message = {
    id: 0,
    input: { ...ownInput, problemContext: { path: '', requestId: 'loops' } },
    body: { memory: new SharedArrayBuffer(8), length: 8, numbers: 0, state: new SharedArrayBuffer(20) },
    posted: 0,
  };
  const tasks = [1, 2, 3].map(() => pool.run('large', message, new AbortController().signal).then(String, ({ code }) => code));
  await pool.close();
  assert.deepEqual(await Promise.all(tasks), ['WORKER_LOST', 'WORKER_LOST', 'WORKER_LOST']);
  assert.deepEqual(losses, []);
});
