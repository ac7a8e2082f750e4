import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { sharedApp, startedApp } from '../helper.ts';
import { type Answer, answersTo } from './answers.ts';
import { marker } from './tricky-requests.ts';

const origin = 'https://page.example';

const settings = { CORS_ORIGINS: origin, LOG_LEVEL: 'debug' };

async function listening(t: TestContext) {
  const started = await startedApp(t, settings);
  await started.app.listen({ port: 0, host: '127.0.0.1' });
  return { ...started, port: (started.app.server.address() as AddressInfo).port };
}

/** The service for tests that look at nothing but answers. */
const shared = (env?: Record<string, string>) => sharedApp({ ...settings, ...env });

const get = (target: string, headers = 'Host: a') => `GET ${target} HTTP/1.1\r\n${headers}\r\n\r\n`;
const last = (target: string, headers = '') => get(target, `Host: a\r\nConnection: close\r\n${headers}X-Request-Id: mine`);

/** The names of an answer's headers, but for those that tell one kind of connection or answer from another. */
const headersOf = ({ headers }: Answer) => [...headers.keys()].filter((name) => !['date', 'content-length'].includes(name)).sort();

/** Targets that the router cannot read. */
const malformed = ['/%zz', '/%', '/%f', '/%ff', '/%c3%28', '/v1/%zz', '/problems/%zz', '/docs/static/%zz', '/v2/%zz', '/v2/models/%e0%a4'];

for (const target of malformed) {
  test(`${target} is a problem with status 400 that names the path, with the headers of any other refusal`, async (t) => {
    const { port, lines } = await listening(t);
    const prefix = target.startsWith('/v2') ? '/v2' : '';
    const [answer] = await answersTo(port, last(target, `Origin: ${origin}\r\n`));
    const [usual] = await answersTo(port, last(`${prefix}/nowhere`, `Origin: ${origin}\r\n`));
    assert.equal(answer.status, 400);
    assert.deepEqual(headersOf(answer), headersOf(usual));
    for (const name of [
      'content-type',
      'content-security-policy',
      'x-content-type-options',
      'access-control-allow-origin',
      'x-request-id',
    ]) {
      assert.equal(answer.headers.get(name), usual.headers.get(name) ?? assert.fail(name), name);
    }
    const problem = JSON.parse(answer.body);
    assert.deepEqual([problem.code, problem.instance], ['BAD_REQUEST', target]);
    assert.match(problem.detail, /^expected a path in UTF-8/);
    const line = lines.find(({ path, request_id }) => path === target && request_id === 'mine');
    assert.deepEqual([line?.status, line?.problem, line?.method], [400, 'BAD_REQUEST', 'GET']);
  });
}

for (const target of ['/%zz', `/problems/${'a'.repeat(101)}`, '*', 'http://a:b/livez']) {
  test(`after ${target.slice(0, 20)} with two Hosts the connection is closed, and what follows is not answered`, async () => {
    const { port } = await shared();
    const [answer, ...more] = await answersTo(port, get(target, 'Host: a\r\nHost: b') + marker);
    assert.deepEqual([answer.status, answer.headers.get('connection'), more.length], [400, 'close', 0]);
    assert.match(answer.body, /the header Host comes twice/);
  });
}

test('after a malformed path the connection goes on', async () => {
  const { port } = await shared();
  const [answer, next] = await answersTo(port, get('/%zz') + marker);
  assert.deepEqual([answer.status, next?.status], [400, 200]);
});

test('the body of a POST to a malformed path is read and discarded, and the connection goes on', async () => {
  const { port } = await shared();
  const body = 'x'.repeat(300_000);
  const [answer, next] = await answersTo(port, `POST /%zz HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}${marker}`);
  assert.deepEqual([answer.status, next?.status], [400, 200]);
});

test('a malformed path is counted in the metrics as any request without a route', async (t) => {
  const { http, port } = await listening(t);
  await answersTo(port, last('/%zz'));
  const { text } = await http.get('/metrics').expect(200);
  assert.match(text, /http_requests?\w*\{[^}]*route="unmatched"[^}]*\} 1/);
  assert.match(text, /problem\w*\{[^}]*code="BAD_REQUEST"[^}]*\} 1/);
});

test('a malformed path is answered only to those who may call', async () => {
  const { port } = await shared({ JWT_JWKS_URL: 'http://127.0.0.1:9/', JWT_ISSUER: 'a', JWT_AUDIENCE: 'b' });
  const [answer] = await answersTo(port, last('/%zz'));
  assert.equal(answer.status, 401);
});

test('a preflight of a malformed path is answered as every preflight', async () => {
  const { port } = await shared();
  const preflight = (target: string) =>
    `OPTIONS ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nOrigin: ${origin}\r\nAccess-Control-Request-Method: POST\r\n\r\n`;
  const [answer] = await answersTo(port, preflight('/%zz'));
  const [usual] = await answersTo(port, preflight('/v1/kl-divergence'));
  assert.equal(answer.status, 204);
  assert.deepEqual(headersOf(answer), headersOf(usual));
});

for (const length of [100, 101, 5000]) {
  test(`the page of a problem whose name has ${length} characters is not found`, async () => {
    const { port } = await shared();
    const [answer] = await answersTo(port, last(`/problems/${'a'.repeat(length)}`));
    assert.deepEqual([answer.status, JSON.parse(answer.body).code], [404, 'NOT_FOUND']);
  });
}

for (const line of [
  'POST /v1/kl-divergence',
  'GET /livez',
  'GET /livez HTTP/0.9',
  'GET /livez HTTP/1.2',
  'GET /livez HTTP/2.0',
  'GET /livez HTTP/3.0',
  'GET /%zz HTTP/2.0',
]) {
  for (const headers of ['', 'Host: a\r\n', 'Host: a\r\nConnection: keep-alive\r\n']) {
    test(`the request line ${line} ${headers === '' ? 'alone' : JSON.stringify(headers)} is refused with a problem, and the connection is closed`, async () => {
      const { port } = await shared();
      const [answer, ...more] = await answersTo(port, `${line}\r\n${headers}\r\n${marker}`);
      assert.deepEqual([answer.status, answer.headers.get('connection')?.toLowerCase(), more.length], [400, 'close', 0]);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
      assert.equal(JSON.parse(answer.body).code, 'BAD_REQUEST');
    });
  }
}

test('HTTP/1.0 is answered, with and without Host', async () => {
  const { port } = await shared();
  for (const headers of ['', 'Host: a\r\n']) {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /livez HTTP/1.0\r\n${headers}\r\n`);
    assert.match(Buffer.concat(await socket.toArray()).toString(), /^HTTP\/1\.1 200 /);
  }
});
