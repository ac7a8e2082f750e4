import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { cases } from '../../cases.ts';
import { faultyApp, startedApp } from '../../helper.ts';
import { parseExposition, seriesOf } from '../exposition.ts';

const path = '/v1/kl-divergence';
const body = { input: [1, 2], target: [2, 1] };
const large = { input: Array.from({ length: 20_000 }, (_, k) => k % 7), target: Array.from({ length: 20_000 }, (_, k) => k % 5), dim: 0 };

/** The service, and what its metrics have moved by since it was last asked. */
async function measured(t: TestContext, env: Record<string, string> = {}, start: typeof faultyApp = startedApp) {
  const { app, http, ...rest } = await start(t, env);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const scrape = async () => (await http.get('/metrics').expect(200)).text;
  let before = seriesOf(await scrape());
  const moved = async () => {
    const now = seriesOf(await scrape());
    const by = new Map([...now].map(([series, value]) => [series, value - (before.get(series) ?? 0)]));
    before = now;
    return (series: string) => by.get(series);
  };
  return { app, http, scrape, moved, port: (app.server.address() as AddressInfo).port, ...rest };
}

const types = {
  kl_http_request_duration_seconds: 'histogram',
  kl_http_requests_in_flight: 'gauge',
  kl_http_request_size_bytes: 'histogram',
  kl_http_response_size_bytes: 'histogram',
  kl_queue_depth: 'gauge',
  kl_running: 'gauge',
  kl_queue_wait_seconds: 'histogram',
  kl_compute_seconds: 'histogram',
  kl_elements_total: 'counter',
  kl_problems_total: 'counter',
  kl_refusals_total: 'counter',
  kl_warnings_total: 'counter',
  kl_worker_restarts_total: 'counter',
  kl_job_shards: 'gauge',
  kl_log_lines_lost_total: 'counter',
  kl_bytes_in_flight: 'gauge',
  kl_elements_in_flight: 'gauge',
  kl_event_loop_delay_p99_seconds: 'gauge',
};

test('/metrics is in the text format of Prometheus, with every metric in its type, and those of the process', async (t) => {
  const { http } = await startedApp(t);
  await http.post(path).send(body).expect(200);
  const { text, headers } = await http.get('/metrics').expect(200);
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const metrics = parseExposition(text);
  const ours = [...metrics].filter(([name]) => name.startsWith('kl_')).map(([name, { type }]) => [name, type]);
  assert.deepEqual(Object.fromEntries(ours), types);
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'])
    assert.ok(metrics.has(name), name);
});

const promtool = ['promtool'].find((name) => spawnSync(name, ['--version']).status === 0);

test('promtool finds nothing to complain of in our metrics', {
  skip: promtool === undefined ? 'no promtool is here' : false,
}, async (t) => {
  const { http } = await startedApp(t);
  await http.post(path).send(body).expect(200);
  const { text } = await http.get('/metrics').expect(200);
  const { stdout, stderr } = spawnSync(promtool ?? '', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  // prom-client calls gauges of its own _total
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('nodejs_active_'));
  assert.deepEqual(complaints, []);
});

test('before anything has happened, what is counted stands at 0 under each of its labels', async (t) => {
  const { http } = await startedApp(t);
  const series = seriesOf((await http.get('/metrics')).text);
  for (const one of [
    'kl_refusals_total{reason="slots"}',
    'kl_refusals_total{reason="draining"}',
    'kl_problems_total{code="INTERNAL"}',
    'kl_warnings_total{code="INFINITE_DIVERGENCE"}',
    'kl_elements_total{task="batch"}',
    'kl_compute_seconds_count{task="explain"}',
    'kl_queue_wait_seconds_count{lane="stream"}',
    'kl_queue_depth{lane="small"}',
    'kl_running{lane="large"}',
    'kl_worker_restarts_total',
    'kl_log_lines_lost_total',
  ])
    assert.equal(series.get(one), 0, one);
  assert.equal(series.get('kl_http_requests_in_flight'), 1);
});

test('an answer moves its request, its sizes, its lane, its task, its elements and its warnings', async (t) => {
  const { moved, port } = await measured(t);
  const text = JSON.stringify(body);
  const request = `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
  const socket = connect(port, '127.0.0.1').end(request);
  const chunks: Buffer[] = await socket.toArray();
  const by = await moved();
  const labels = `method="POST",route="${path}",status="200"`;
  const expected = {
    [`kl_http_request_duration_seconds_count{${labels}}`]: 1,
    [`kl_http_request_duration_seconds_bucket{${labels},le="30"}`]: 1,
    [`kl_http_request_size_bytes_count{route="${path}"}`]: 1,
    [`kl_http_request_size_bytes_sum{route="${path}"}`]: request.length,
    [`kl_http_response_size_bytes_sum{route="${path}"}`]: Buffer.concat(chunks).length,
    'kl_queue_wait_seconds_count{lane="inline"}': 1,
    'kl_queue_wait_seconds_count{lane="small"}': 0,
    'kl_compute_seconds_count{task="json"}': 1,
    'kl_elements_total{task="json"}': 2,
    'kl_warnings_total{code="MEAN_DIVIDES_BY_SUPPORT"}': 1,
    'kl_warnings_total{code="INFINITE_DIVERGENCE"}': 0,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((series) => [series, by(series)])), expected);
  assert.ok(Number(by(`kl_http_request_duration_seconds_sum{${labels}}`)) > 0);
  assert.ok(Number(by('kl_compute_seconds_sum{task="json"}')) > 0);
});

test('two requests on one connection each count their own bytes', async (t) => {
  const { moved, port } = await measured(t);
  const request = (connection: string) => `GET /livez HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`;
  const socket = connect(port, '127.0.0.1');
  socket.write(request('keep-alive'));
  await once(socket, 'readable');
  socket.end(request('close'));
  const sent = Buffer.concat(await socket.toArray()).length;
  const by = await moved();
  assert.equal(by('kl_http_request_size_bytes_count{route="/livez"}'), 2);
  assert.equal(by('kl_http_request_size_bytes_sum{route="/livez"}'), request('keep-alive').length + request('close').length);
  assert.equal(by('kl_http_response_size_bytes_sum{route="/livez"}'), sent);
});

test('a body for a thread counts in its lane, lines in that of streams, a batch as one task with all of its elements', async (t) => {
  const { http, moved } = await measured(t);
  await http.post(path).send(large).expect(200);
  const text = `${JSON.stringify(body)}\n`.repeat(3);
  await http.post(`${path}/batch`).set('content-type', 'application/x-ndjson').send(text).expect(200);
  await http
    .post(`${path}/batch`)
    .send({ items: [body, body] })
    .expect(200);
  const by = await moved();
  assert.deepEqual(
    [
      by('kl_elements_total{task="json"}'),
      by('kl_elements_total{task="lines"}'),
      by('kl_elements_total{task="batch"}'),
      by('kl_queue_wait_seconds_count{lane="small"}'),
      by('kl_queue_wait_seconds_count{lane="large"}'),
      by('kl_queue_wait_seconds_count{lane="stream"}'),
      by(`kl_http_request_duration_seconds_count{method="POST",route="${path}/batch",status="200"}`),
    ],
    [20_000, 6, 4, 2, 0, 1, 2],
  );
});

test('work for a thread shows while it is in hand, and no more when it is done', async (t) => {
  const { app, http, port, scrape, workers } = await measured(t);
  const text = JSON.stringify(large);
  const socket = connect(port, '127.0.0.1');
  const closed = once(socket, 'close');
  const arrived = once(app.server, 'request');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 40000\r\n\r\n${text.slice(0, 100)}`);
  await arrived;
  const arriving = seriesOf(await scrape());
  assert.deepEqual(
    [arriving.get('kl_running{lane="small"}'), arriving.get('kl_queue_depth{lane="small"}'), arriving.get('kl_bytes_in_flight')],
    // what has come of the body
    [0, 0, 100],
  );
  const held = workers.reserve({ client: () => 'another' });
  held.claim({ lane: 'small', bytes: 200_000, elements: 20_000 });
  const inHand = seriesOf(await scrape());
  assert.deepEqual(
    [inHand.get('kl_running{lane="small"}'), inHand.get('kl_queue_depth{lane="small"}'), inHand.get('kl_bytes_in_flight')],
    // of the arriving body what has come of it, of the other all that it needs
    [1, 0, 200_100],
  );
  held.release();
  assert.equal(inHand.get('kl_http_requests_in_flight'), 2);
  socket.destroy();
  await closed;
  let idle = seriesOf(await scrape());
  while (idle.get('kl_running{lane="small"}') !== 0) idle = seriesOf((await http.get('/metrics')).text);
  assert.equal(idle.get('kl_bytes_in_flight'), 0);
  assert.equal(idle.get(`kl_http_request_duration_seconds_count{method="POST",route="${path}",status="499"}`), 1);
});

test('a problem counts by its code, of requests that never became one too, and a refusal by its reason', async (t) => {
  const { http, moved, port } = await measured(t, { STREAMS: '0' });
  await http
    .post(path)
    .send({ input: [1], target: ['x'] })
    .expect(422);
  await http.get('/nowhere').expect(404);
  await http.post(`${path}/batch`).set('content-type', 'application/x-ndjson').send('{}').expect(503);
  await connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\nHost : a\r\n\r\n').toArray();
  const by = await moved();
  assert.deepEqual(
    ['NOT_A_NUMBER', 'NOT_FOUND', 'BAD_REQUEST', 'INTERNAL'].map((code) => by(`kl_problems_total{code="${code}"}`)),
    [1, 1, 1, 0],
  );
  assert.deepEqual(
    ['slots', 'quota'].map((reason) => by(`kl_refusals_total{reason="${reason}"}`)),
    [1, 0],
  );
});

test('a thread that is lost counts as a restart, and its request as a problem', async (t) => {
  const { http, moved } = await measured(t, { INLINE_LIMIT_BYTES: '0' }, faultyApp);
  await http
    .post(path)
    .set('x-request-id', 'exits')
    .send({ input: [1, 2], target: [2, 1] })
    .expect(503);
  const by = await moved();
  assert.deepEqual([by('kl_worker_restarts_total'), by('kl_problems_total{code="WORKER_LOST"}')], [1, 1]);
});

test('a thousand unknown paths, methods and headers add no series beyond those of the first', async (t) => {
  const count = cases(t, 1000, 200);
  const { port, scrape } = await measured(t);
  const ask = (method: string, url: string, id: number) =>
    connect(port, '127.0.0.1')
      .end(`${method} ${url} HTTP/1.1\r\nHost: a${id}\r\nX-Request-Id: r${id}\r\nUser-Agent: u${id}\r\nConnection: close\r\n\r\n`)
      .toArray();
  const unusual = ['PROPFIND', 'MKCOL', 'REPORT', 'PURGE', 'GET', 'LINK', 'UNLOCK'];
  const series = async () => [...seriesOf(await scrape()).keys()].filter((key) => key.startsWith('kl_')).sort();
  for (const [id, method] of unusual.entries()) await ask(method, `/first-${id}`, id);
  for (const method of ['GET', 'PROPFIND']) await ask(method, `${path}?first`, 0);
  await scrape();
  const before = await series();
  for (let from = 0; from < count; from += 50) {
    const ids = Array.from({ length: 50 }, (_, k) => from + k);
    await Promise.all(ids.map((id) => ask(unusual[id % unusual.length], id % 10 === 0 ? `${path}?${id}` : `/%7Bjunk-${id}%7D/${id}`, id)));
  }
  const after = await series();
  const methods = new Set(after.map((key) => /method="([^"]*)"/.exec(key)?.[1]).filter((method) => method !== undefined));
  assert.deepEqual([...methods].sort(), ['GET', 'other']);
  assert.deepEqual(
    after.filter((key) => !before.includes(key)),
    [],
  );
});

test('probes and scrapes that go well are logged at level debug only, those that do not at info', async (t) => {
  const { http, lines, drain } = await startedApp(t);
  for (const url of ['/livez', '/readyz', '/metrics', '/v2/health/live', '/v2/health/ready']) await http.get(url).expect(200);
  assert.deepEqual(lines, []);
  drain.start();
  await http.get('/readyz').expect(503);
  await http.get('/v2/health/ready').expect(503);
  assert.deepEqual(
    lines.map(({ path, status }) => [path, status]),
    [
      ['/readyz', 503],
      ['/v2/health/ready', 503],
    ],
  );
});
