import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openStream } from '../../../src/http/connection/stream-timeout.ts';
import { textOf } from '../../service-process.ts';

const idle = 200;

/** A connection with the head of a stream sent, to a server that answers what breaks it off; told apart from its end. */
async function openedStream(t: TestContext, isAtWork = () => false): Promise<Socket> {
  const server = createServer((request, response) => {
    response.flushHeaders();
    request.resume();
    openStream(request, response, request, { breakOff: ({ code }) => response.end(code), isAtWork }, idle);
    request.once('end', () => response.writableEnded || response.write('whole'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  return socket;
}

test('a stream on which nothing comes is broken off as REQUEST_TIMEOUT, and its connection is closed', async (t) => {
  const begun = performance.now();
  assert.match(await textOf(await openedStream(t)), /REQUEST_TIMEOUT/);
  assert.ok(performance.now() - begun >= idle - 1);
});

test('as long as something comes, a stream goes on', async (t) => {
  const socket = await openedStream(t);
  const text = textOf(socket);
  // a busy machine may be late by most of the time that nothing may come
  for (let k = 0; k < 15; k++) {
    await new Promise((resolve) => setTimeout(resolve, idle / 10));
    socket.write('1\r\nx\r\n');
  }
  socket.write('0\r\n\r\n');
  // the body is whole, but the answer never is: the connection ends all the same
  assert.match(await text, /whole\r\n$/);
});

test('while the service is at work, a stream on which nothing moves goes on', async (t) => {
  let asked = 0;
  const socket = await openedStream(t, () => ++asked < 3);
  assert.match(await textOf(socket), /REQUEST_TIMEOUT/);
  assert.equal(asked, 3);
});
