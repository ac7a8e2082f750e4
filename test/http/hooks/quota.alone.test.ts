import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { keysFolder } from '../../auth/keys-folder.ts';
import { startedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';
const ten = { input: Array(10).fill(1), target: Array(10).fill(2) };

test('QUOTA_EXCEEDED is 429 with Retry-After once the elements of a window are spent; the request that crosses the limit is answered', async (t) => {
  const { http } = await startedApp(t, { QUOTA_ELEMENTS: '25' });
  const left = async () => (await http.post(path).send(ten).expect(200)).headers.ratelimit.split(';')[1];
  assert.deepEqual([await left(), await left(), await left()], ['r=15', 'r=5', 'r=0']);
  const { body, headers } = await http.post(path).send(ten).expect(429);
  assert.equal(body.code, 'QUOTA_EXCEEDED');
  assert.equal(headers['ratelimit-policy'], '"elements";q=25;w=60');
  assert.match(headers['retry-after'], /^\d+$/);
  assert.equal(headers.ratelimit, `"elements";r=0;t=${headers['retry-after']}`);
  const v2 = await http.post('/v2/models/kl_div/infer').send({}).expect(429);
  assert.equal(v2.body.error, v2.body.detail);
  await http.get('/livez').expect(200);
});

test('a request that is refused for another reason costs 1, and so does a path that is not there', async (t) => {
  const { http } = await startedApp(t, { QUOTA_ELEMENTS: '3' });
  await http.post(path).send({}).expect(422);
  await http.get('/nowhere').expect(404);
  await http.get('/v1/info').expect(200);
  await http.get('/v1/info').expect(429);
});

/** The kinds of requests that compute, with the same two tensors of 5 × 2: how each is sent, and how many elements it computes. */
const inference = (tensors: Tensors, parameters: object) => ({
  inputs: (['input', 'target'] as const).map((name) => ({ name, shape: [5, 2], datatype: 'FP64', data: tensors[name] })),
  parameters,
});

type Tensors = { readonly input: readonly number[][]; readonly target: readonly number[][] };
type Sent = { readonly url: string; readonly type: string; readonly body: string | Buffer; readonly headers?: Record<string, string> };

const json = 'application/json';

function safetensorsOf({ input, target }: Tensors): Buffer {
  const entry = (at: number) => ({ dtype: 'F64', shape: [5, 2], data_offsets: [at, at + 80] });
  const header = Buffer.from(JSON.stringify({ input: entry(0), target: entry(80) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...[input, target].map((tensor) => Buffer.from(Float64Array.from(tensor.flat()).buffer))]);
}

function binaryInference({ input, target }: Tensors, parameters: object): Sent {
  const inputs = ['input', 'target'].map((name) => ({ name, shape: [5, 2], datatype: 'FP64', parameters: { binary_data_size: 80 } }));
  const header = Buffer.from(JSON.stringify({ inputs, parameters }));
  const bytes = [input, target].map((tensor) => Buffer.from(Float64Array.from(tensor.flat()).buffer));
  const headers = { 'inference-header-content-length': String(header.length) };
  return { url: '/v2/models/kl_div/infer', type: 'application/octet-stream', body: Buffer.concat([header, ...bytes]), headers };
}

const kinds: Record<string, (tensors: Tensors, options: Record<string, string | boolean>) => Sent> = {
  JSON: (tensors, options) => ({ url: path, type: json, body: JSON.stringify({ ...tensors, ...options }) }),
  safetensors: (tensors, options) => ({
    url: `${path}?${new URLSearchParams(Object.entries(options).map(([name, value]) => [name, String(value)]))}`,
    type: 'application/vnd.safetensors',
    body: safetensorsOf(tensors),
  }),
  explain: (tensors, options) => ({ url: `${path}/explain`, type: json, body: JSON.stringify({ ...tensors, ...options }) }),
  'a batch': (tensors, options) => ({ url: `${path}/batch`, type: json, body: JSON.stringify({ items: [{ ...tensors, ...options }] }) }),
  'a line of a stream': (tensors, options) => ({
    url: `${path}/batch`,
    type: 'application/x-ndjson',
    body: `${JSON.stringify({ ...tensors, ...options })}\n`,
  }),
  'the Open Inference Protocol': (tensors, options) => ({
    url: '/v2/models/kl_div/infer',
    type: json,
    body: JSON.stringify(inference(tensors, options)),
  }),
  'the Open Inference Protocol, with binary tensors,': binaryInference,
};

const ordinary = { input: Array(5).fill([1, 2]), target: Array(5).fill([2, 1]) };
const withoutMass = { input: ordinary.input, target: [...Array(4).fill([2, 1]), [0, 0]] };
const withNaN = { input: ordinary.input, target: [...Array(4).fill([0.5, 0.5]), [0.5, Number.NaN]] };

/** What is refused after the computation has begun; the last element of a text is read before. */
const refusals = {
  STRICT_WARNINGS: {
    tensors: ordinary,
    options: { reduction: 'mean', strict: true },
    isBinary: false,
  },
  ZERO_MASS: { tensors: withoutMass, options: { target_kind: 'counts' }, isBinary: false },
  NAN_ELEMENT: { tensors: withNaN, options: { target_kind: 'probs' }, isBinary: true },
};

for (const [code, { tensors, options, isBinary }] of Object.entries(refusals)) {
  for (const [kind, sent] of Object.entries(kinds)) {
    if (isBinary && !/binary|safetensors/.test(kind)) continue;
    test(`a request as ${kind} that is refused with ${code} has been computed, and costs its elements`, async (t) => {
      const { app } = await startedApp(t, { QUOTA_ELEMENTS: '25' });
      const { url, type, body, headers } = sent(tensors, options);
      const answer = await app.inject({ method: 'POST', url, headers: { 'content-type': type, ...headers }, payload: body });
      assert.match(answer.payload, new RegExp(`"${code}"`));
      const { headers: next } = await app.inject({ url: '/v1/info' });
      // the request for this costs 1
      assert.match(String(next.ratelimit), /;r=14;/);
    });
  }
}

test('a window that is over gives the whole quota back', async (t) => {
  const { http } = await startedApp(t, { QUOTA_ELEMENTS: '1', QUOTA_WINDOW_SECONDS: '3600' });
  const clock = performance.now.bind(performance);
  await http.get('/v1/info').expect(200);
  await http.get('/v1/info').expect(429);
  t.mock.method(performance, 'now', () => clock() + 3_600_000);
  await http.get('/v1/info').expect(200);
});

test('each client has a quota of its own, whichever of its keys it uses', async (t) => {
  const { env, keys } = keysFolder(t, 'one', 'one', 'two');
  const { http } = await startedApp(t, { ...env, QUOTA_ELEMENTS: '10' });
  await http.post(path).set('x-api-key', keys[0]).send(ten).expect(200);
  await http.post(path).set('x-api-key', keys[1]).send(ten).expect(429);
  await http.post(path).set('x-api-key', keys[2]).send(ten).expect(200);
});

test('without names an address is a client: that of the connection, or the one that a trusted proxy forwards', async (t) => {
  const from = { 'x-forwarded-for': '203.0.113.1' };
  const { http } = await startedApp(t, { QUOTA_ELEMENTS: '1' });
  await http.get('/v1/info').set(from).expect(200);
  await http.get('/v1/info').set('x-forwarded-for', '203.0.113.2').expect(429);
  const { http: behind } = await startedApp(t, { QUOTA_ELEMENTS: '1', TRUSTED_PROXIES: '127.0.0.0/8,::ffff:127.0.0.1' });
  await behind.get('/v1/info').set(from).expect(200);
  await behind.get('/v1/info').set(from).expect(429);
  await behind.get('/v1/info').set('x-forwarded-for', '203.0.113.2').expect(200);
});

test('a stream whose client has had its quota is broken off with a line that says so', async (t) => {
  const { app } = await startedApp(t, { QUOTA_ELEMENTS: '25' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const line = `${JSON.stringify(ten)}\n`;
  const head = 'Host: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked';
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST ${path}/batch HTTP/1.1\r\n${head}\r\n\r\n`);
  // endless, unless the service ends it
  const more = setInterval(() => socket.write(`${line.length.toString(16)}\r\n${line}\r\n`), 20);
  let raw = '';
  socket.on('data', (chunk) => {
    raw += chunk;
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  clearInterval(more);
  const text = raw
    .split('\r\n')
    .filter((part) => part.startsWith('{'))
    .join('');
  const answers = text
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one));
  assert.equal(answers[0].results === undefined, false);
  assert.equal(answers.at(-2).problem.code, 'QUOTA_EXCEEDED');
  const { answered, refused } = answers.at(-1).totals;
  assert.ok(answered >= 3 && answered <= 6 && refused >= 1, text);
});

/** How concurrent requests come: the head, which is sent first, and the body, which follows once all heads have been read. */
const concurrent: Record<string, (large: string) => { readonly head: string; readonly body: string | Buffer }> = {
  'with their length': (large) => ({ head: `POST ${path} HTTP/1.1\r\nContent-Length: ${large.length}`, body: large }),
  'in chunks': (large) => ({
    head: `POST ${path} HTTP/1.1\r\nTransfer-Encoding: chunked`,
    body: `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`,
  }),
  compressed: (large) => {
    const body = gzipSync(large);
    return { head: `POST ${path} HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}`, body };
  },
  'as batches': (large) => {
    const body = `{"items":[${large}]}`;
    return { head: `POST ${path}/batch HTTP/1.1\r\nContent-Length: ${body.length}`, body };
  },
};

for (const [how, made] of Object.entries(concurrent)) {
  test(`of 40 requests at once ${how}, each far above the quota, one is answered; when it is over, the quota is spent`, async (t) => {
    const { app } = await startedApp(t, { QUOTA_ELEMENTS: '1000' });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const numbers = Array.from({ length: 20_000 }, (_, k) => k % 9);
    const { head, body } = made(JSON.stringify({ input: numbers, target: numbers, reduction: 'sum' }));
    const sockets = Array.from({ length: 40 }, () => connect(port, '127.0.0.1'));
    const answers = sockets.map(firstLineOf);
    for (const socket of sockets) socket.write(`${head}\r\nHost: a\r\nContent-Type: application/json\r\n\r\n`);
    let answered = 0;
    for (const socket of sockets) socket.once('data', () => answered++);
    // the scrape is in flight itself
    while (answered + inFlightIn((await app.inject({ url: '/metrics' })).payload) < 41) await sleep(10);
    for (const socket of sockets) socket.write(body);
    const statuses = await Promise.all(answers);
    assert.deepEqual(statuses.toSorted(), [...Array(39), 0].map((_, k) => (k === 0 ? 200 : 429)).toSorted());
    const { statusCode, payload } = await app.inject({ url: '/v1/info' });
    assert.equal(statusCode, 429);
    assert.match(payload, /is spent/);
  });
}

const inFlightIn = (metrics: string) => Number(/^kl_http_requests_in_flight (\d+)$/m.exec(metrics)?.[1]);

async function firstLineOf(socket: Socket): Promise<number> {
  socket.on('error', () => {});
  const [data] = await once(socket, 'data');
  socket.destroy();
  return Number(String(data).split(' ')[1]);
}

test('while a request in flight may use up the quota, others are to come back in 1 s; what it did not use is given back', async (t) => {
  const { app, http } = await startedApp(t, { QUOTA_ELEMENTS: '100', QUOTA_WINDOW_SECONDS: '3600' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const body = JSON.stringify(ten).padEnd(1000);
  const socket = connect(port, '127.0.0.1');
  const answered = firstLineOf(socket);
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`);
  const refused = async () => (await app.inject({ url: '/v1/info' })).statusCode === 429;
  while (!(await refused())) await sleep(10);
  const { body: problem, headers } = await http.post(path).send(ten).expect(429);
  assert.equal(headers['retry-after'], '1');
  assert.match(problem.detail, /requests in flight/);
  socket.write(body);
  assert.equal(await answered, 200);
  await http.post(path).send(ten).expect(200);
});

test('of safetensors half of the bytes are reserved, as an element may be one byte in each tensor; of JSON a quarter', async (t) => {
  const { app } = await startedApp(t, { QUOTA_ELEMENTS: '1000000', QUOTA_WINDOW_SECONDS: '3600' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  // each look costs 1
  let looks = 0;
  const reserved = async () => {
    const { headers } = await app.inject({ url: '/v1/info' });
    const left = Number(/;r=(\d+)/.exec(String(headers.ratelimit))?.[1]);
    return 1_000_000 - left - ++looks;
  };
  let before = 0;
  for (const [type, expected] of [
    ['application/json', 500],
    ['application/vnd.safetensors', 1000],
    ['Application/Octet-Stream; a=b', 1000],
  ]) {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: 2000\r\n\r\n`);
    let found = await reserved();
    for (; found === before; found = await reserved()) await sleep(10);
    assert.equal(found - before, expected, String(type));
    before = found;
  }
});

test('a client that leaves before its body has come gets back what was reserved', async (t) => {
  const { app, http } = await startedApp(t, { QUOTA_ELEMENTS: '100' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`);
  while ((await app.inject({ url: '/v1/info' })).statusCode !== 429) await sleep(10);
  socket.destroy();
  while ((await http.post(path).send(ten)).status !== 200) await sleep(10);
});

test('lines of streams that come at once are answered up to the quota and one block of each, and then refused', async (t) => {
  const { app } = await startedApp(t, { QUOTA_ELEMENTS: '1000' });
  const line = `${JSON.stringify({ input: Array(1000).fill(1), target: Array(1000).fill(2), reduction: 'sum' })}\n`;
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const post = () =>
    fetch(`${url}${path}/batch`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: line.repeat(200) });
  const answers = await Promise.all(Array.from({ length: 8 }, async () => (await post()).text()));
  const lines = answers.flatMap((text) => text.trim().split('\n'));
  const answered = lines.filter((each) => each.startsWith('{"status":200')).length;
  // a block has 64 KiB or less: at most 17 lines of 4 KB
  assert.ok(answered >= 1 && answered <= 20, `${answered} lines`);
  assert.ok(lines.some((each) => each.includes('QUOTA_EXCEEDED')));
});
