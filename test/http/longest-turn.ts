import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { started, textOf } from '../service-process.ts';
import type { Dear } from './dearest-requests.ts';

/** For how many ms one request may keep the event loop busy. */
const mostMs = 20;

/** Other processes take the core away now and then, which lengthens a turn: what counts is the shortest of so many tries. */
const tries = 8;

const turnLengths = new URL('./turn-lengths.ts', import.meta.url).href;

/** A service that tells how long the turns of its event loop are. Counting what was covered would lengthen them. */
export const watchedService = (t: TestContext, env: Record<string, string> = {}) =>
  started(t, { LOG_LEVEL: 'info', NODE_V8_COVERAGE: '', ...env }, ['--import', turnLengths]);

/** Asks, and returns the whole answer when the service has closed its connection. */
export async function ask(port: number, { path, method, headers = '', body, status }: Dear): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const length = body === undefined || headers.includes('chunked') ? '' : `Content-Length: ${body.length}\r\n`;
  socket.write(
    `${method ?? (body === undefined ? 'GET' : 'POST')} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}${length}\r\n`,
  );
  if (body !== undefined) socket.write(body);
  const answer = await textOf(socket);
  assert.equal(Number(answer.split(' ')[1]), status, answer.slice(0, 2000));
  return answer;
}

/** The longest turn of the service's event loop in ms, during a step. */
export async function longestTurn(child: ChildProcess, step: () => Promise<unknown>): Promise<number> {
  child.send('watch');
  await step();
  child.send('report');
  const [longest] = await once(child, 'message');
  return longest;
}

/** Measures until it is short enough, so many times at the most. */
export async function assertShort(t: TestContext, measure: () => Promise<number>): Promise<void> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let left = tries; left > 0 && shortest > mostMs; left--) shortest = Math.min(shortest, await measure());
  t.diagnostic(`${shortest.toFixed(1)} ms`);
  assert.ok(shortest <= mostMs, `${shortest} ms`);
}
