import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { wasUnread, watchSlowClients } from '../../../src/http/connection/slow-clients.ts';

const pace = { bytes: 2 ** 16, windowMs: 200 };
const large = Buffer.alloc(2 ** 25);

/** A connection that has asked for something, and its answer, which is watched. */
async function asked(t: TestContext, answer: (response: ServerResponse) => void): Promise<{ socket: Socket; response: ServerResponse }> {
  const answers = new Set<ServerResponse>();
  const server = createServer((_request, response) => {
    answers.add(response);
    response.once('close', () => answers.delete(response));
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  t.after(watchSlowClients(() => [...answers], pace));
  const arrived = once(server, 'request');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const [, response] = await arrived;
  return { socket, response };
}

test('the connection of a client that does not read its answer is closed, and the answer told to be unread', async (t) => {
  const { response } = await asked(t, (response) => response.end(large));
  await once(response, 'close');
  assert.ok(wasUnread(response) && !response.writableFinished);
});

test('the connection of a client that takes a few bytes of its answer now and then is closed too', async (t) => {
  const { socket, response } = await asked(t, (response) => response.end(large));
  socket.pause();
  const sipping = setInterval(() => socket.read(100), 20);
  t.after(() => clearInterval(sipping));
  await once(response, 'close');
  assert.ok(wasUnread(response));
});

test('a client that reads slowly, but fast enough, gets its whole answer', async (t) => {
  // time goes by as the client reads: 64 KiB in 2 ms, and so the answer in several windows, however long the process is kept from it
  let now = performance.now();
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { socket, response } = await asked(t, (response) => response.end(large));
  let received = 0;
  socket.on('data', ({ length }) => {
    received += length;
    const ms = (2 * length) / 2 ** 16;
    now += ms;
    t.mock.timers.tick(ms);
    socket.pause();
    setImmediate(() => socket.resume());
    if (received >= large.length) socket.end();
  });
  await once(socket, 'close');
  assert.ok(received >= large.length && response.writableFinished && !wasUnread(response));
});

test('a client that waits for an answer which is not there yet is left alone', async (t) => {
  const { socket, response } = await asked(t, (response) => setTimeout(() => response.end('late'), 3 * pace.windowMs));
  assert.match(String(await once(socket, 'data')), /late/);
  assert.equal(wasUnread(response), false);
});
