import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { lingerAfterReply } from '../../../src/http/connection/lingering-close.ts';
import { sharedApp } from '../../helper.ts';
import { textOf } from '../../service-process.ts';
import { answersIn } from '../answers.ts';
import { marker } from '../tricky-requests.ts';

const path = '/v1/kl-divergence';
const megabyte = Buffer.alloc(2 ** 20, ' ');

const listening = async (env?: Record<string, string>): Promise<number> => (await sharedApp(env)).port;

/** Writes as a client does that reads nothing before it has sent everything. */
async function send(socket: Socket, ...parts: (string | Buffer)[]): Promise<void> {
  for (const part of parts)
    await new Promise<void>((resolve, reject) => socket.write(part, (error) => (error ? reject(error) : resolve())));
}

const head = (headers: string) => `POST ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n`;
const json = 'Content-Type: application/json';
const pieces = Array.from({ length: 40 }, () => megabyte);
const length = `Content-Length: ${pieces.length * megabyte.length}`;
const chunks = [...pieces.flatMap((piece) => ['100000\r\n', piece, '\r\n']), '0\r\n\r\n'];

for (const [name, status, headers, body] of [
  ['a length beyond the limit', 413, `${json}\r\n${length}`, pieces],
  ['chunks beyond the limit', 413, `${json}\r\nTransfer-Encoding: chunked`, chunks],
  ['a type that is not read', 415, `Content-Type: text/plain\r\n${length}`, pieces],
  ['a type that is not read, and the wish to close', 415, `Content-Type: text/plain\r\n${length}\r\nConnection: close`, pieces],
  ['two types', 400, `${json}\r\n${json}\r\n${length}`, pieces],
] as const) {
  test(`a client that sends 40 MiB with ${name} before it reads gets the refusal, and no reset`, async () => {
    const socket = connect(await listening({ BODY_LIMIT_BYTES: '1000' }), '127.0.0.1');
    await send(socket, head(headers), ...body);
    socket.end();
    const [answer, ...more] = answersIn(await textOf(socket));
    assert.equal(answer.status, status);
    assert.deepEqual(more, []);
  });
}

for (const [name, headers, body] of [
  ['a type that is not read', `Content-Type: text/plain\r\n${length}`, pieces],
  ['a path that does not exist', `${length}`, pieces],
  [
    'a compressed body of an unknown type',
    `Content-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: 1000`,
    [Buffer.alloc(1000)],
  ],
] as const) {
  test(`the connection of what is refused for ${name} goes on: the next request on it is answered`, async () => {
    const socket = connect(await listening(), '127.0.0.1');
    const refused = name.includes('path') ? head(headers).replace(path, '/nothing') : head(headers);
    await send(socket, refused, ...body, marker);
    const answers = answersIn(await textOf(socket));
    assert.deepEqual(
      answers.map(({ status }) => status >= 400),
      [true, false],
    );
    assert.equal(answers[1].headers.get('x-request-id'), 'marker');
  });
}

test('a bomb is refused while it arrives, and its sender gets the refusal', async () => {
  const bomb = gzipSync(Buffer.alloc(2 ** 28, ' '));
  const socket = connect(await listening({ BODY_LIMIT_BYTES: '100000' }), '127.0.0.1');
  await send(socket, head(`${json}\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}`), bomb.subarray(0, bomb.length / 2));
  await once(socket, 'readable');
  await send(socket, bomb.subarray(bomb.length / 2));
  assert.equal(answersIn(await textOf(socket))[0].status, 413);
});

test('malformed HTTP whose sender goes on sending is answered, and the connection is closed', async () => {
  const socket = connect(await listening(), '127.0.0.1');
  await send(socket, head(`${json}\r\nTransfer-Encoding: chunked`), 'nonsense\r\n', ...pieces.slice(0, 20));
  socket.end();
  assert.deepEqual(
    answersIn(await textOf(socket)).map(({ status }) => status),
    [400],
  );
});

const keepAliveMs = 100_000;

/**
 * A connection to a server that refuses everything at once and reads on within `limits`. `whole` is that of the server, once the first body
 * has been read.
 */
async function refused(
  t: TestContext,
  limits: { silenceMs: number; totalMs: number },
): Promise<{ socket: Socket; whole: Promise<Socket> }> {
  const { promise: whole, resolve } = Promise.withResolvers<Socket>();
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (request: IncomingMessage, response: ServerResponse) => {
    request.once('end', () => resolve(request.socket));
    lingerAfterReply(request, response, limits);
    response.end('no');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n');
  return { socket, whole };
}

test('a refused client that sends nothing more of its body is not waited for', async (t) => {
  const { socket } = await refused(t, { silenceMs: 50, totalMs: 60_000 });
  socket.resume();
  await once(socket, 'close');
});

test('a refused client that never comes to an end of its body is not listened to for ever', async (t) => {
  const { socket } = await refused(t, { silenceMs: 60_000, totalMs: 100 });
  const sending = setInterval(() => socket.write('x'), 5);
  t.after(() => clearInterval(sending));
  socket.resume();
  // what is still on its way when the connection closes resets it
  await new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
});

test('a refused client that sends its body in time keeps its connection as long as any other', async (t) => {
  // of a connection no timer but that of the whole body is one that is mocked
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { socket, whole } = await refused(t, { silenceMs: keepAliveMs / 2, totalMs: 1_000 });
  await once(socket, 'data');
  socket.write(Buffer.alloc(1_000_000));
  const { timeout = 0 } = await whole;
  assert.ok(timeout >= keepAliveMs, `${timeout} ms`);
  t.mock.timers.tick(1_000);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(await textOf(socket), /^HTTP\/1\.1 200 /);
});
