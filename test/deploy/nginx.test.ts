import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import openapi from '../../openapi/openapi.json' with { type: 'json' };
import { readConfig } from '../../src/config.ts';
import { longestWait } from '../../src/http/headers/prefer.ts';
import { rawConnection } from '../http/raw-connection.ts';
import { configuration, skip, startNginx } from './nginx.ts';

const ok: RequestListener = async (request, response) => response.end(`ok ${(await text(request)).length}`);
/** The paths that take streams. */
const batches = Object.keys(openapi.paths).filter((path) => path.endsWith('/batch'));
const refusing: RequestListener = (_request, response) => response.writeHead(503, { 'Retry-After': '7' }).end('refused');

test('a POST that one replica refuses is answered by the other, and its body arrives there whole', { skip }, async (t) => {
  const { url, asked } = await nginx(t, [refusing, ok]);
  for (let turn = 0; turn < 8; turn += 1) {
    const reply = await fetch(url, { method: 'POST', body: 'x'.repeat(3_000_000) });
    assert.equal(`${reply.status} ${await reply.text()}`, '200 ok 3000000');
  }
  assert.ok(asked[0] > 0);
  assert.equal(asked[1], 8);
});

test('a POST whose replica is lost while it computes is answered by the other', { skip }, async (t) => {
  const lost: RequestListener = (request) => request.resume().once('end', () => request.socket.destroy());
  const { url, asked } = await nginx(t, [lost, ok]);
  for (let turn = 0; turn < 8; turn += 1) assert.equal((await fetch(url, { method: 'POST', body: 'abc' })).status, 200);
  assert.ok(asked[0] > 0);
});

test('a job that is submitted goes to another replica only if it cannot have reached the first: it would be there twice', {
  skip,
}, async (t) => {
  const lost: RequestListener = (request) => request.resume().once('end', () => request.socket.destroy());
  const one = await nginx(t, [lost, lost]);
  const submit = (url: string) => fetch(`${url}/v1/jobs`, { method: 'POST', body: '{}' });
  assert.equal((await submit(one.url)).status, 503);
  assert.deepEqual(one.asked[0] + one.asked[1], 1);
  const other = await nginx(t, [refusing, refusing]);
  assert.equal((await submit(other.url)).status, 503);
  assert.deepEqual(other.asked[0] + other.asked[1], 1);
});

test('when all refuse, the caller gets the refusal as it was written, after two tries, and again as often as it asks', {
  skip,
}, async (t) => {
  const { url, asked } = await nginx(t, [refusing, refusing]);
  for (let turn = 1; turn <= 5; turn += 1) {
    const reply = await fetch(url, { method: 'POST', body: 'abc' });
    assert.equal(`${reply.status} ${reply.headers.get('retry-after')} ${await reply.text()}`, '503 7 refused');
    assert.equal(asked[0] + asked[1], 2 * turn);
  }
});

test('replicas that refused serve at once when they have room again: refusals do not take them for dead', { skip }, async (t) => {
  let room = false;
  const full: RequestListener = (request, response) => (room ? ok : refusing)(request, response);
  const { url } = await nginx(t, [full, full]);
  for (let turn = 0; turn < 20; turn += 1) assert.equal((await fetch(url, { method: 'POST', body: 'a' })).status, 503);
  room = true;
  assert.equal((await fetch(url, { method: 'POST', body: 'a' })).status, 200);
});

test('when no replica is there, the answer is a problem with Retry-After', { skip }, async (t) => {
  const { url } = await nginx(t, []);
  const reply = await fetch(url, { method: 'POST', body: 'a' });
  assert.equal(reply.status, 503);
  assert.equal(reply.headers.get('content-type'), 'application/problem+json');
  assert.match(reply.headers.get('retry-after') ?? '', /^\d+$/);
  assert.match(await reply.text(), /^\{.*"status":503\}$/);
});

for (const path of batches) {
  test(`a stream to ${path} is passed on line by line in both directions, however its type is written`, { skip }, async (t) => {
    const echo: RequestListener = (request, response) => {
      response.write(`${request.url}\n`);
      request.pipe(response);
    };
    const { port } = await nginx(t, [echo]);
    for (const type of ['application/x-ndjson', 'application/jsonl; charset=utf-8', 'application/octet-stream']) {
      const head = `POST ${path}?a=b HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const { socket, until } = await rawConnection(t, port, head);
      for (const line of ['first', 'second']) {
        socket.write(`6\r\n${line.padEnd(6)}\r\n`);
        await until(new RegExp(line));
      }
      const said = await until(/second/);
      assert.ok(said.includes(`\n${path}?a=b\n`), said);
      socket.destroy();
    }
  });
}

test('a batch as JSON is held until it is whole, so that it can go to another replica', { skip }, async (t) => {
  const { url, asked } = await nginx(t, [refusing, ok]);
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  for (const path of [...batches, ...batches]) {
    assert.equal((await fetch(url + path, { method: 'POST', headers, body: 'x'.repeat(2_000_000) })).status, 200);
  }
  assert.ok(asked[0] > 0);
});

test('a replica hears who calls from nginx, not from the caller', { skip }, async (t) => {
  const tell: RequestListener = ({ headers }, response) =>
    response.end(JSON.stringify([headers['x-forwarded-for'], headers.forwarded, headers.host, headers['x-request-id']]));
  const { url, port } = await nginx(t, [tell]);
  const headers = { 'X-Forwarded-For': '192.0.2.7', Forwarded: 'for=192.0.2.7', 'X-Request-Id': 'mine' };
  const heard = await (await fetch(url, { headers })).json();
  assert.deepEqual(heard, ['127.0.0.1', null, `127.0.0.1:${port}`, 'mine']);
});

test('/metrics and the place where streams are sorted out cannot be reached through nginx', { skip }, async (t) => {
  const { url, asked } = await nginx(t, [ok]);
  for (const path of ['/metrics', '/metrics/', '//metrics', '/%6Detrics', '/x/../metrics', '/.stream']) {
    assert.equal((await fetch(url + path)).status, 404, path);
  }
  assert.deepEqual(asked, [0]);
});

test('a body beyond the limit is refused as a problem; a stream has no limit', { skip }, async (t) => {
  const { port } = await nginx(t, [ok]);
  const head = (path: string, type: string) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${readConfig({}).bodyLimitBytes + 1}\r\n\r\n`;
  const refused = await rawConnection(t, port, head('/v1/kl-divergence', 'application/json'));
  await refused.until(/^HTTP\/1\.1 413 .*content-type: application\/problem\+json.*"code":"BODY_TOO_LARGE"/is);
  for (const path of batches) {
    const { socket, until } = await rawConnection(t, port, head(path, 'application/x-ndjson'));
    const passed = until(/^HTTP\/1\.1 200 /);
    for (let sent = 0; sent <= readConfig({}).bodyLimitBytes; sent += 2 ** 20) {
      const chunk = Buffer.alloc(Math.min(2 ** 20, readConfig({}).bodyLimitBytes + 1 - sent));
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), passed]);
    }
    await passed;
    socket.destroy();
  }
});

test('nginx takes bodies as large as the service does, and waits longer than a request may take', () => {
  const megabytes = /^\s*client_max_body_size (\d+)m;/m.exec(configuration)?.[1];
  assert.equal(Number(megabytes) * 2 ** 20, readConfig({}).bodyLimitBytes);
  assert.ok(readTimeoutIn(configuration) > 20);
});

test('nginx waits for the answer to a job for longer than a client may: until the end of the job, nothing is sent', () => {
  const [place] = /location = \/v1\/jobs \{[^}]*\}/.exec(configuration) ?? [];
  assert.ok(readTimeoutIn(place ?? '') > longestWait);
});

/** The seconds of the first `proxy_read_timeout` in a text. */
function readTimeoutIn(text: string): number {
  return Number(/^\s*proxy_read_timeout (\d+)s;/m.exec(text)?.[1]);
}

/** The nginx of deploy/nginx.conf in front of replicas that answer so; `asked` counts the requests that each has got. */
async function nginx(t: TestContext, answers: readonly RequestListener[]) {
  const asked = answers.map(() => 0);
  const servers = await Promise.all(
    answers.map(async (answer, place) => {
      const server = createServer((request, response) => {
        asked[place] += 1;
        answer(request, response);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close().closeAllConnections());
      return server;
    }),
  );
  const port = await startNginx(
    t,
    servers.map((server) => (server.address() as AddressInfo).port),
  );
  return { url: `http://127.0.0.1:${port}`, port, asked };
}
