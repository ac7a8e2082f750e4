import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { waiting } from '../../src/pool/cancellation.ts';
import { now } from '../../src/tasks/clock.ts';

const codeOf = (promise: Promise<unknown>) => promise.then(String, ({ code }) => code);

test('when a deadline passes, the wait is over, whoever computes is told, and is ended if that is of no use', async () => {
  const told: string[] = [];
  const someone = waiting(new AbortController().signal, () => told.push('abandoned'));
  // the timer behind `kill` does not keep the process alive by itself
  const alive = setInterval(() => {}, 1000);
  someone.until(now() + 5);
  assert.equal(await codeOf(someone.over), 'DEADLINE_EXCEEDED');
  assert.deepEqual([told, someone.kill.aborted], [['abandoned'], false]);
  await once(someone.kill, 'abort');
  clearInterval(alive);
});

test('a deadline that has passed already ends the wait at once', async () => {
  const someone = waiting(new AbortController().signal, () => {});
  someone.until(now() - 1000);
  assert.equal(await codeOf(someone.over), 'DEADLINE_EXCEEDED');
});

test('a deadline in the far future does not end the wait', async () => {
  const someone = waiting(new AbortController().signal, () => {});
  someone.until(now() + Number.MAX_SAFE_INTEGER);
  const later = new Promise((resolve) => setTimeout(resolve, 20, 'waits'));
  assert.equal(await Promise.race([codeOf(someone.over), later]), 'waits');
});

test('when the client goes, the wait is over', async () => {
  const gone = new AbortController();
  const someone = waiting(gone.signal, () => {});
  gone.abort();
  assert.equal(await codeOf(someone.over), 'BAD_REQUEST');
  assert.equal(await codeOf(waiting(gone.signal, () => {}).over), 'BAD_REQUEST');
});

test('once the answer is there, neither deadline nor client matter', async () => {
  const gone = new AbortController();
  let told = 0;
  const someone = waiting(gone.signal, () => told++);
  someone.until(now() + 1);
  someone.end();
  gone.abort();
  const later = new Promise((resolve) => setTimeout(resolve, 20, 'waits'));
  assert.equal(await Promise.race([codeOf(someone.over), later]), 'waits');
  assert.equal(told, 0);
});
