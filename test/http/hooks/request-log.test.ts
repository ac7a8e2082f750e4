import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { startedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';

test('a request is one line: id, method, path, status, duration, elements, warnings, and no number of a tensor', async (t) => {
  const { http, lines } = await startedApp(t);
  const { headers } = await http
    .post(path)
    .send({ input: [12345.678, 2], target: [2, 98765.432] })
    .expect(200);
  assert.equal(lines.length, 1);
  const { level, time, duration_ms, ...line } = lines[0];
  assert.deepEqual(line, {
    request_id: headers['x-request-id'],
    method: 'POST',
    path,
    status: 200,
    elements: 2,
    warnings: ['MEAN_DIVIDES_BY_SUPPORT', 'BATCHMEAN_NOT_PER_DISTRIBUTION'],
    msg: 'request answered',
  });
  assert.ok(Number(duration_ms) > 0);
});

test('the query of a request is not logged', async (t) => {
  const { http, lines } = await startedApp(t);
  await http.get('/v1/info?secret=1').expect(200);
  assert.equal(lines[0].path, '/v1/info');
});

test('a refused request is one line with the code of its problem, and none of its data', async (t) => {
  const { http, lines } = await startedApp(t);
  await http
    .post(path)
    .send({ input: [12345.678, 'canary'], target: [2, 3] })
    .expect(422);
  await http.post(path).set('content-type', 'application/json').send('{"input": [12345.678, canary]}').expect(400);
  assert.deepEqual(
    lines.map(({ status, problem }) => [status, problem]),
    [
      [422, 'NOT_A_NUMBER'],
      [400, 'INVALID_JSON'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(lines), /canary|12345/);
});

test('a request that never reaches a route, for a path that does not decode, is one line too', async (t) => {
  const { app, lines } = await startedApp(t);
  const { headers } = await app.inject('/%ff');
  assert.deepEqual(
    lines.map(({ status, problem, request_id }) => [status, problem, request_id]),
    [[400, 'BAD_REQUEST', headers['x-request-id']]],
  );
});

test('a client that goes away before its answer leaves one line that says so', async (t) => {
  const { app, lines } = await startedApp(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  const arrived = once(app.server, 'request');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
  const [, response] = await arrived;
  const closed = once(response, 'close');
  socket.destroy();
  await closed;
  assert.deepEqual(
    lines.filter(({ method }) => method === 'POST').map(({ status, msg }) => [status, msg]),
    [[499, 'client disconnected']],
  );
});

test("a caller's request id is taken up in answer, problem and log where it is fit for them, else replaced", async (t) => {
  const { http, lines } = await startedApp(t);
  const { body, headers } = await http.get('/nowhere').set('x-request-id', 'order-7.a:b_c').expect(404);
  assert.deepEqual([body.request_id, headers['x-request-id'], lines[0].request_id], Array(3).fill('order-7.a:b_c'));
  for (const unfit of ['x'.repeat(129), 'a b', '{"a":1}']) {
    const answered = await http.get('/livez').set('x-request-id', unfit).expect(200);
    assert.match(answered.headers['x-request-id'], /^[0-9a-f-]{36}$/);
  }
});
