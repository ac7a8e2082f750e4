import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { createCancellation } from '../../src/pool/cancellation.ts';
import { now } from '../../src/tasks/deadline.ts';

const codeOf = (promise: Promise<unknown>) => promise.then(String, ({ code }) => code);

test('when a deadline passes, the wait is over, whoever computes is told, and is ended if that is of no use', async () => {
  const told: string[] = [];
  const cancellation = createCancellation(new AbortController().signal, () => told.push('cancelled'));
  // the timer behind `kill` does not keep the process alive by itself
  const alive = setInterval(() => {}, 1000);
  cancellation.setDeadline(now() + 5);
  assert.equal(await codeOf(cancellation.cancelled), 'DEADLINE_EXCEEDED');
  assert.deepEqual([told, cancellation.terminate.aborted], [['cancelled'], false]);
  await once(cancellation.terminate, 'abort');
  clearInterval(alive);
});

test('a deadline that has passed already ends the wait at once', async () => {
  const cancellation = createCancellation(new AbortController().signal, () => {});
  cancellation.setDeadline(now() - 1000);
  assert.equal(await codeOf(cancellation.cancelled), 'DEADLINE_EXCEEDED');
});

test('a deadline in the far future does not end the wait', async (t) => {
  const cancellation = createCancellation(new AbortController().signal, () => {});
  // its timer would keep the process alive
  t.after(cancellation.end);
  cancellation.setDeadline(now() + Number.MAX_SAFE_INTEGER);
  const later = new Promise((resolve) => setTimeout(resolve, 20, 'waits'));
  assert.equal(await Promise.race([codeOf(cancellation.cancelled), later]), 'waits');
});

test('when the client goes, the wait is over', async () => {
  const gone = new AbortController();
  const cancellation = createCancellation(gone.signal, () => {});
  gone.abort();
  assert.equal(await codeOf(cancellation.cancelled), 'BAD_REQUEST');
  assert.equal(await codeOf(createCancellation(gone.signal, () => {}).cancelled), 'BAD_REQUEST');
});

test('once the answer is there, neither deadline nor client matter', async () => {
  const gone = new AbortController();
  let told = 0;
  const cancellation = createCancellation(gone.signal, () => told++);
  cancellation.setDeadline(now() + 1);
  cancellation.end();
  gone.abort();
  const later = new Promise((resolve) => setTimeout(resolve, 20, 'waits'));
  assert.equal(await Promise.race([codeOf(cancellation.cancelled), later]), 'waits');
  assert.equal(told, 0);
});
