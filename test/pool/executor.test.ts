import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RequestError } from '../../src/errors/request-error.ts';
import { sharedBody, writerOf } from '../../src/memory/shared-body.ts';
import { createExecutor } from '../../src/pool/executor.ts';
import { now } from '../../src/tasks/deadline.ts';
import type { TaskResult } from '../../src/tasks/task.ts';
import { roughly } from '../helper.ts';
import { budgets, workOf } from './work-of.ts';

const work = workOf({ task: 'json', query: {} });
const never = new AbortController().signal;

const request = Buffer.from('{"input": [[2, 1, 0.1]], "target": [[1.5, 1.2, 0.2]], "reduction": "sum"}');

function arrived(bytes: Buffer) {
  const body = sharedBody(bytes.length, bytes.length);
  writerOf(body)(bytes);
  return { body, whole: Promise.resolve() };
}

function hired(t: TestContext, threads: number) {
  const losses: Error[] = [];
  const workers = createExecutor({ threads, heapMb: 500 }, budgets, (error) => losses.push(error));
  t.after(() => workers.close());
  return { workers, losses };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error) => (error instanceof RequestError ? error.code : String(error)),
  );

const contentOf = (result: TaskResult | undefined) => {
  const content = result?.answered?.content ?? '';
  return typeof content === 'string' ? content : Buffer.concat(content).toString();
};

test('a thread answers what the event loop answers', async (t) => {
  const { workers } = hired(t, 1);
  await workers.start();
  const [large, small] = [await workers.runInWorker(work, arrived(request), never), workers.runInline(work, request)].map(contentOf);
  assert.deepEqual(roughly(JSON.parse(large)), roughly(JSON.parse(small)));
});

test('a worker has its kernel compute large logits, and asks other workers for help', async (t) => {
  const script = new URL('./counting-worker.ts', import.meta.url);
  const workers = createExecutor({ threads: 2, heapMb: 500, script }, budgets, () => {});
  t.after(() => workers.close());
  const row = Array.from({ length: 512 }, (_, k) => k % 7);
  const body = Buffer.from(JSON.stringify({ input: Array(512).fill(row), target: Array(512).fill(row.toReversed()) }));
  assert.equal(contentOf(await workers.runInWorker(work, arrived(body), never)), '1');
});

test('a refusal comes back from a thread with its code, pointers and count', async (t) => {
  const { workers } = hired(t, 1);
  const { refused } = await workers.runInWorker(work, arrived(Buffer.from('{"input": [1, null], "target": [1, 2]}')), never);
  assert.deepEqual(
    refused?.faults.map(({ code, pointer }) => [code, pointer]),
    [['NOT_A_NUMBER', '#/input/1']],
  );
  assert.equal(refused?.count, 1);
});

test('a body that comes too slowly gives its thread back, and is answered when it is whole', async (t) => {
  const { workers } = hired(t, 1);
  await workers.start();
  const body = sharedBody(request.length, 100);
  const append = writerOf(body);
  append(request.subarray(0, 20));
  const whole = Promise.withResolvers<void>();
  const slow = workers.runInWorker(work, { body, whole: whole.promise }, never);
  // the only thread answers this one while the slow body is incomplete
  assert.match(contentOf(await workers.runInWorker(work, arrived(request), never)), /"sum"/);
  append(request.subarray(20));
  whole.resolve();
  assert.match(contentOf(await slow), /"sum"/);
});

test('a client that goes away frees its thread, or its place in the queue', async (t) => {
  const { workers } = hired(t, 1);
  await workers.start();
  const gone = new AbortController();
  const waiting = { body: sharedBody(request.length, 100), whole: new Promise<void>(() => {}) };
  const running = codeOf(workers.runInWorker(work, waiting, gone.signal));
  const queued = codeOf(workers.runInWorker(work, { ...waiting, body: sharedBody(9, 9) }, gone.signal));
  gone.abort();
  assert.deepEqual(await Promise.all([running, queued]), ['BAD_REQUEST', 'BAD_REQUEST']);
  assert.match(contentOf(await workers.runInWorker(work, arrived(request), never)), /"sum"/);
});

test('a deadline that a body sets ends the wait when it passes, and frees the thread', async (t) => {
  const { workers } = hired(t, 1);
  await workers.start();
  // reading the text as JSON takes a thread much longer than the time that is allowed
  const zeros = Array(2_000_000).fill(0);
  const inputs = ['input', 'target'].map((name) => ({ name, shape: [1000, 2000], datatype: 'FP64', data: zeros }));
  const outputs = [{ name: 'none' }];
  const infer = (timeout: number) => {
    const body = arrived(Buffer.from(JSON.stringify({ inputs, outputs, parameters: { timeout } })));
    const done = workers.runInWorker({ ...work, task: 'infer', limits: { maxElements: 2_000_000 }, received: now() }, body, never);
    // who sees first that the time is over, the thread or the event loop, is open
    return codeOf(done.then(({ refused }) => refused && Promise.reject(new RequestError(refused.faults))));
  };
  assert.equal(await infer(60_000_000), 'answered');
  assert.equal(await infer(1000), 'DEADLINE_EXCEEDED');
  assert.match(contentOf(await workers.runInWorker(work, arrived(request), never)), /"sum"/);
});

test('the deadline of a request with binary tensors holds while it waits for a thread', async (t) => {
  const { workers } = hired(t, 1);
  await workers.start();
  const json = JSON.stringify({ inputs: [], parameters: { timeout: 5000 } });
  const never = new Promise<void>(() => {});
  // the only thread waits for a body that does not come
  const gone = new AbortController();
  const busy = codeOf(workers.runInWorker({ ...work }, { body: sharedBody(2 ** 21, 9), whole: never }, gone.signal));
  const waits = workers.runInWorker(
    { ...work, task: 'infer', headerLength: String(json.length), received: now() },
    arrived(Buffer.from(json.padEnd(2 ** 20, '0'))),
    new AbortController().signal,
  );
  assert.equal(await codeOf(waits), 'DEADLINE_EXCEEDED');
  gone.abort();
  await busy;
});

test('memory of a request that nobody waits for any more is given back, when no thread works on it', async (t) => {
  const { workers } = hired(t, 1);
  await workers.start();
  const length = 2 ** 21;
  const gone = new AbortController();
  const given = Promise.withResolvers<void>();
  const body = workers.allocateBody(work, length, given.resolve);
  const whole = Promise.withResolvers<void>();
  const left = codeOf(workers.runInWorker(work, { body, whole: whole.promise }, gone.signal));
  gone.abort();
  assert.equal(await left, 'BAD_REQUEST');
  assert.notEqual(workers.allocateBody(work, length).memory, body.memory);
  whole.reject(new Error('the upload broke off'));
  // the thread is told, and says that it is done
  await given.promise;
  assert.equal(workers.allocateBody(work, length).memory, body.memory);
});

test('memory of a request is given back when its thread had to be ended', async (t) => {
  const { workers } = hired(t, 1);
  await workers.start();
  const zeros = Array(2_000_000).fill(0);
  const text = Buffer.from(JSON.stringify({ input: [null, ...zeros], target: zeros }));
  const limits = { maxElements: 4_000_000 };
  const gone = new AbortController();
  const given = Promise.withResolvers<void>();
  const body = workers.allocateBody({ ...work, limits }, text.length, given.resolve);
  writerOf(body)(text);
  const left = codeOf(workers.runInWorker({ ...work, limits }, { body, whole: Promise.resolve() }, gone.signal));
  setTimeout(() => gone.abort(), 20);
  assert.equal(await left, 'BAD_REQUEST');
  const again = await workers.runInWorker(work, arrived(request), new AbortController().signal);
  assert.match(contentOf(again), /"sum"/);
  await given.promise;
  assert.equal(workers.allocateBody({ ...work, limits }, text.length).memory, body.memory);
});

test('memory of a request that is refused while it arrives goes to no other before it is whole', async (t) => {
  const { workers } = hired(t, 1);
  await workers.start();
  const length = 2 ** 21;
  const whole = Promise.withResolvers<void>();
  const body = workers.allocateBody(work, length);
  // the query refuses it, whatever the body
  const { refused } = await workers.runInWorker({ ...work, query: { dim: '1' } }, { body, whole: whole.promise }, never);
  assert.equal(refused?.faults[0].code, 'INVALID_VALUE');
  assert.notEqual(workers.allocateBody(work, length).memory, body.memory);
  whole.resolve();
  await whole.promise;
  await new Promise(setImmediate);
  assert.equal(workers.allocateBody(work, length).memory, body.memory);
});

test('a client that has gone already is not computed for', async (t) => {
  const { workers } = hired(t, 1);
  assert.equal(await codeOf(workers.runInWorker(work, arrived(request), AbortSignal.abort())), 'BAD_REQUEST');
});

test('a body that there is no memory for is refused as OVERLOADED, to be sent again', (t) => {
  const { workers } = hired(t, 1);
  assert.throws(
    () => workers.allocateBody(work, 2 ** 52),
    (error) => error instanceof RequestError && error.code === 'OVERLOADED' && error.advice.retryAfter === 1,
  );
});

test('numbers of one byte count one each, and no more than the shapes say once they are known', async (t) => {
  const { workers } = hired(t, 1);
  const json = JSON.stringify({
    inputs: ['input', 'target'].map((name) => ({ name, shape: [1000, 4], datatype: 'FP32', parameters: { binary_data_size: 16_000 } })),
  });
  const infer = { ...work, task: 'infer', headerLength: String(json.length) } as const;
  assert.equal(workers.costOf(infer, 140_000).elements, 140_000);
  assert.equal(workers.costOf({ ...infer, headerLength: undefined }, 140_000).elements, 70_000);
  const held: number[] = [];
  const body = arrived(Buffer.concat([Buffer.from(json), Buffer.alloc(32_000)]));
  await workers.runInWorker(infer, { ...body, holdElements: (elements) => held.push(elements) }, never);
  assert.deepEqual(held, [8000]);
});

test('a worker claims what it takes beside the body, and is told whether there is room', async (t) => {
  const { workers } = hired(t, 1);
  const zeros = Array(400_000).fill(0);
  const text = Buffer.from(JSON.stringify({ input: zeros, target: zeros, dim: 0, reduction: ['none', 'sum'] }));
  for (const [verdict, expected] of [
    ['granted', undefined],
    ['exhausted', 'OVERLOADED'],
    ['impossible', 'ANSWER_TOO_LARGE'],
  ] as const) {
    const claims: number[] = [];
    const body = workers.allocateBody(work, text.length);
    writerOf(body)(text);
    const claimBeside = (bytes: number) => {
      claims.push(bytes);
      return verdict;
    };
    const { refused } = await workers.runInWorker(work, { body, whole: Promise.resolve(), claimBeside }, never);
    assert.equal(refused?.faults[0].code, expected);
    // the answer, less what finds room in the place of the body, before anything of the computation
    assert.ok(claims[0] >= 400_000 * 26 - 2 * text.length && claims[0] < 400_000 * 60, `${claims[0]}`);
  }
});

test('a client that goes away while its worker waits for memory frees the worker', async (t) => {
  const { workers } = hired(t, 1);
  const zeros = Array(400_000).fill(0);
  const text = Buffer.from(JSON.stringify({ input: zeros, target: zeros, dim: 0, reduction: ['none', 'sum'] }));
  const body = workers.allocateBody(work, text.length);
  writerOf(body)(text);
  const gone = new AbortController();
  const claimBeside = () => {
    gone.abort();
    return 'pending' as const;
  };
  assert.equal(await codeOf(workers.runInWorker(work, { body, whole: Promise.resolve(), claimBeside }, gone.signal)), 'BAD_REQUEST');
  assert.match(contentOf(await workers.runInWorker(work, arrived(request), never)), /"sum"/);
});

test('a long answer lies in the memory of its body, which goes to no other request until it has been sent', async (t) => {
  const { workers } = hired(t, 1);
  const row = Array.from({ length: 20_000 }, (_, k) => Math.sin(k));
  const text = Buffer.from(JSON.stringify({ input: [row], target: [row.toReversed()], reduction: 'none' }));
  const body = workers.allocateBody(work, text.length);
  writerOf(body)(text);
  const done = await workers.runInWorker(work, { body, whole: Promise.resolve() }, never);
  await new Promise(setImmediate);
  assert.equal(done.answered?.inPlace, Buffer.concat(done.answered?.content as Uint8Array[]).length);
  assert.notEqual(workers.allocateBody(work, text.length).memory, body.memory);
  done.release?.();
  await new Promise(setImmediate);
  assert.equal(workers.allocateBody(work, text.length).memory, body.memory);
});
