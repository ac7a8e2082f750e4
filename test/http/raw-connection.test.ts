import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { rawConnection } from './raw-connection.ts';

/** A connection to a server that does so with each. */
async function connected(t: TestContext, serve: (socket: Socket) => void) {
  const server = createServer(serve).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  return rawConnection(t, (server.address() as AddressInfo).port, 'hello\n');
}

test('what a test waits for on a connection comes in pieces', async (t) => {
  const { until, assertOpen } = await connected(t, (socket) => {
    socket.once('data', () => {
      socket.write('fir');
      setImmediate(() => socket.write('st\n'));
    });
  });
  assert.match(await until(/first\n/), /first/);
  assertOpen();
});

test('a connection that is closed before what a test waits for fails the test with what came', async (t) => {
  const { until, assertOpen } = await connected(t, (socket) => socket.once('data', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n')));
  await assert.rejects(until(/ 200 /), /the other side closed it\. What came: HTTP\/1\.1 502 Bad Gateway/);
  assert.throws(assertOpen, /the connection ended/);
});

test('a connection that is reset fails the test with the reason', async (t) => {
  const { until } = await connected(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  await assert.rejects(until(/ 200 /), /the connection ended: read ECONNRESET/);
});
