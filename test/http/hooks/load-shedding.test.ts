import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { createDrain } from '../../../src/http/connection/drain.ts';
import { registerShedding } from '../../../src/http/hooks/load-shedding.ts';
import { newMetrics } from '../../../src/telemetry/metrics.ts';
import { startedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';
const body = { input: [1, 2], target: [2, 1] };

/** The service while its event loop is late. */
async function late(t: TestContext) {
  const metrics = newMetrics(() => ({ lanes: { inline: idle, small: idle, large: idle, stream: idle }, bytes: 0, elements: 0 }));
  t.after(metrics.close);
  const drain = createDrain();
  const service = await startedApp(t, {}, (app) => registerShedding(app, () => true, { drain, metrics }, ['https://page.example']));
  return { ...service, drain };
}
const idle = { running: 0, waiting: 0 };

test('while the event loop is late, what is to be computed is refused with OVERLOADED, Retry-After and the headers of any answer', async (t) => {
  const { http } = await late(t);
  const answer = await http.post(path).set('x-request-id', 'me').send(body).expect(503);
  assert.equal(answer.body.code, 'OVERLOADED');
  assert.deepEqual([answer.body.request_id, answer.body.instance], ['me', path]);
  assert.deepEqual(
    ['content-type', 'retry-after', 'x-request-id', 'x-content-type-options'].map((name) => answer.headers[name]),
    ['application/problem+json', '1', 'me', 'nosniff'],
  );
});

test('clients of the Open Inference Protocol are told in the way that they read', async (t) => {
  const { http } = await late(t);
  const answer = await http.post('/v2/models/kl_div/infer').send({}).expect(503);
  assert.match(answer.body.error, /the service gets more requests than it can answer/);
});

test('a page of an origin that may call can read the refusal, and no other', async (t) => {
  const { http } = await late(t);
  const allowedTo = async (origin: string) => {
    const { headers } = await http.post(path).set('origin', origin).send(body).expect(503);
    return [headers['access-control-allow-origin'], headers['access-control-expose-headers']];
  };
  assert.deepEqual(await allowedTo('https://page.example'), ['https://page.example', 'Retry-After, X-Request-Id']);
  assert.deepEqual(await allowedTo('https://other.example'), [undefined, undefined]);
});

test('whether it is alive and ready is told all the same', async (t) => {
  const { http } = await late(t);
  await http.get('/livez').expect(200);
  await http.get('/readyz').expect(200);
});

test('a connection outlives the refusal, though its body was never wanted', async (t) => {
  const { app } = await late(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  const large = 'x'.repeat(300_000);
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${large.length}\r\n\r\n${large}` +
      'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  const text = Buffer.concat(await socket.toArray()).toString();
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status),
    ['503', '200'],
  );
});

test('all that is refused in a second is one line of the log, and counts one by one', async (t) => {
  const { http, lines } = await late(t);
  await Promise.all([1, 2, 3].map(() => http.post(path).send(body).expect(503)));
  const shed = () => lines.filter(({ reason }) => reason === 'event_loop');
  while (shed().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(
    shed().map(({ requests }) => requests),
    [3],
  );
});

test('a shutdown waits for a refusal, and no longer', async (t) => {
  const { app, http, drain } = await late(t);
  const owed: number[] = [];
  app.server.prependListener('request', (_request, response) => {
    const end = response.end.bind(response);
    response.end = ((text: string) => {
      owed.push(drain.answers().length);
      return end(text);
    }) as typeof response.end;
  });
  await http.post(path).send(body).expect(503);
  await drain.idle();
  assert.deepEqual([owed, drain.answers().length], [[1], 0]);
});

/** Refuses a request on a connection of its own. Returns the connection, and when its refusal came. */
async function refusedOn(t: TestContext, app: FastifyInstance) {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`);
  await once(socket, 'data');
  return { socket, at: performance.now() };
}

test('a connection that was refused is not read for 100 ms, so that a client that does not wait costs little', async (t) => {
  const { app } = await late(t);
  const { socket, at } = await refusedOn(t, app);
  socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 200 /);
  // a timer may be early by a millisecond, and the answer takes a moment to its client
  assert.ok(performance.now() - at > 90);
});

test('what was sent while its connection was not read is answered, though the process leaves', async (t) => {
  const { app, drain } = await late(t);
  const { socket } = await refusedOn(t, app);
  socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
  const text = socket.toArray();
  drain.start();
  await drain.idle();
  await app.close();
  assert.match(Buffer.concat(await text).toString(), /^HTTP\/1\.1 200 /);
});

test('while the process is leaving, a refusal closes its connection', async (t) => {
  const { app, drain } = await late(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const connection = async () => {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`);
    const [head] = await once(socket, 'data');
    return /^connection: (.*)\r$/im.exec(String(head))?.[1];
  };
  assert.equal(await connection(), 'keep-alive');
  drain.start();
  assert.equal(await connection(), 'close');
});
