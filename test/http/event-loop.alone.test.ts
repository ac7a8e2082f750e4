import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { started, textOf } from '../service-process.ts';
import { type Dear, dearest, documents } from './dearest-requests.ts';

/** For how many ms one request may keep the event loop busy. */
const mostMs = 20;

/** Other processes take the core away now and then, which lengthens a turn: what counts is the shortest of so many tries. */
const tries = 8;

const turnLengths = new URL('./turn-lengths.ts', import.meta.url).href;
// counting what was covered would lengthen turns
const service = (t: TestContext) => started(t, { LOG_LEVEL: 'info', NODE_V8_COVERAGE: '' }, ['--import', turnLengths]);

/** The status of a request, when the service has closed its connection. */
async function statusOf(port: number, { path, method, headers = '', body }: Dear): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const length = body === undefined || headers.includes('chunked') ? '' : `Content-Length: ${body.length}\r\n`;
  socket.write(
    `${method ?? (body === undefined ? 'GET' : 'POST')} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}${length}\r\n`,
  );
  if (body !== undefined) socket.write(body);
  return Number((await textOf(socket)).split(' ')[1]);
}

/** The longest turn of the service's event loop in ms, while it answers a request. */
async function longestTurn(child: ChildProcess, port: number, dear: Dear): Promise<number> {
  child.send('watch');
  const status = await statusOf(port, dear);
  child.send('report');
  const [longest] = await once(child, 'message');
  assert.equal(status, dear.status);
  return longest;
}

test('no request keeps the event loop busy for more than 20 ms, whatever its endpoint, its format and its faults', async (t) => {
  const { child, port } = await service(t);
  for (const [title, dear] of Object.entries(dearest)) {
    await t.test(title, async (t) => {
      let shortest = Number.POSITIVE_INFINITY;
      for (let left = tries; left > 0 && shortest > mostMs; left--) shortest = Math.min(shortest, await longestTurn(child, port, dear));
      t.diagnostic(`${shortest.toFixed(1)} ms`);
      assert.ok(shortest <= mostMs, `${shortest} ms`);
    });
  }
});

for (const path of documents) {
  test(`the first call of ${path} keeps the event loop busy for no more than 20 ms`, async (t) => {
    let shortest = Number.POSITIVE_INFINITY;
    for (let left = tries; left > 0 && shortest > mostMs; left--) {
      const { child, port } = await service(t);
      shortest = Math.min(shortest, await longestTurn(child, port, { path, status: 200 }));
      child.kill('SIGKILL');
    }
    t.diagnostic(`${shortest.toFixed(1)} ms`);
    assert.ok(shortest <= mostMs, `${shortest} ms`);
  });
}
