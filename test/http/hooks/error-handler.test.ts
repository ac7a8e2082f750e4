import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { problemPath } from '../../../src/errors/problem-details.ts';
import { type ProblemCode, problemCodes, problems } from '../../../src/errors/problems.ts';
import { modelNames } from '../../../src/formats/inference/models.ts';
import { problem } from '../../../src/schema/problem.ts';
import { leftOut } from '../../cases.ts';
import { faultyApp, postBytes, sharedApp, startedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';
const tensors = { input: [[1, 2]], target: [[2, 1]] };
const neighbours = { input: [0.5, 2, 3], input_kind: 'samples', target_kind: 'samples', estimator: 'knn' };
const probs = { input_kind: 'probs', target_kind: 'probs' };
const normal = { input_kind: 'normal', target_kind: 'normal', input: { loc: 0, scale: 1 } };
const multivariate = {
  input_kind: 'multivariate_normal',
  target_kind: 'multivariate_normal',
  input: {
    loc: 0,
    scale_tril: [
      [1, 0],
      [0, 1],
    ],
  },
};

const listed = (outcomes: unknown[], values = [0.5, 0.5]) => ({ outcomes, values });

/** For each code that a body can cause: one that does, where the fault is, and one that comes close and is answered. */
const bodies: Partial<Record<ProblemCode, { refused: unknown; pointer: string; answered: unknown }>> = {
  UNKNOWN_FIELD: { refused: { ...tensors, dims: 0 }, pointer: '#/dims', answered: { ...tensors, dim: 0 } },
  INVALID_VALUE: { refused: { ...tensors, base: 1 }, pointer: '#/base', answered: { ...tensors, base: 1.001 } },
  RAGGED_TENSOR: {
    refused: { ...tensors, input: [[1, 2], [3]] },
    pointer: '#/input/1',
    answered: { input: [[1], [3]], target: [[1], [3]] },
  },
  NOT_A_NUMBER: {
    refused: { ...tensors, target: [[2, null]] },
    pointer: '#/target/0/1',
    answered: { ...tensors, target: [[2, '-Infinity']] },
  },
  NAN_ELEMENT: {
    refused: { ...tensors, target: [['NaN', 1]] },
    pointer: '#/target/0/0',
    answered: { ...tensors, target: [['-Infinity', 1]] },
  },
  INFINITE_ELEMENT: {
    refused: { ...tensors, ...probs, input: [[1, '-Infinity']] },
    pointer: '#/input/0/1',
    answered: { ...tensors, input: [[1, '-Infinity']] },
  },
  NUMBER_OVERFLOW: { refused: { ...tensors, input: [[1, 2e270]] }, pointer: '#/input/0/1', answered: { ...tensors, input: [[1, 1e270]] } },
  NEGATIVE_MASS: {
    refused: { ...tensors, ...probs, input: [[1, -1e-300]] },
    pointer: '#/input/0/1',
    answered: { ...tensors, ...probs, input: [[1, -0]] },
  },
  ZERO_MASS: {
    refused: { ...tensors, target: [['-Infinity', '-Infinity']] },
    pointer: '#/target',
    answered: { ...tensors, target: [['-Infinity', 0]] },
  },
  PARAMETER_OUT_OF_DOMAIN: {
    refused: { ...normal, target: { loc: 0, scale: [1, 2, 3, 0] } },
    pointer: '#/target/scale/3',
    answered: { ...normal, target: { loc: 0, scale: [1, 2, 3, 5e-324] } },
  },
  NOT_POSITIVE_DEFINITE: {
    refused: {
      ...multivariate,
      target: {
        loc: 0,
        covariance_matrix: [
          [1, 2],
          [2, 4],
        ],
      },
    },
    pointer: '#/target/covariance_matrix',
    answered: {
      ...multivariate,
      target: {
        loc: 0,
        covariance_matrix: [
          [1, 2],
          [2, 4.0001],
        ],
      },
    },
  },
  ZERO_WEIGHT: {
    refused: { ...tensors, weights: [0] },
    pointer: '#/weights',
    answered: { ...tensors, weights: [0], reduction: ['sum', 'none'] },
  },
  DUPLICATE_OUTCOME: {
    refused: { ...probs, input: listed(['a', 'b']), target: listed(['b', 'b']) },
    pointer: '#/target/outcomes/1',
    answered: { ...probs, input: listed(['a', 'b']), target: listed(['b', 'B']) },
  },
  UNKNOWN_OUTCOME: {
    refused: { ...probs, input: [0.5, 0.25, 0.25], target: listed([2, 3]) },
    pointer: '#/target/outcomes/1',
    answered: { ...probs, input: [0.5, 0.25, 0.25], target: listed([2, 1]) },
  },
  MASS_ABOVE_ONE: {
    refused: { ...probs, input: listed(['a', 'b'], [0.5, 0.500002]), target: listed(['a', 'b']), rest: 'bucket' },
    pointer: '#/input/values/1',
    answered: { ...probs, input: listed(['a', 'b'], [0.5, 0.5000009]), target: listed(['a', 'b']), rest: 'bucket' },
  },
  REPEATED_OBSERVATIONS: {
    refused: { ...neighbours, target: [0, 1, 1, 1], k: 2 },
    pointer: '#/target/1',
    answered: { ...neighbours, target: [0, 1, 1, 1.5], k: 2 },
  },
  SHAPE_MISMATCH: {
    refused: { ...tensors, target: [[1], [2]] },
    pointer: '#/target',
    answered: { ...tensors, target: { shape: [1, 2], data: [1, 2] } },
  },
  DIM_OUT_OF_RANGE: { refused: { ...tensors, dim: 2 }, pointer: '#/dim', answered: { ...tensors, dim: -2 } },
  DUPLICATE_DIM: { refused: { ...tensors, dim: [1, -1] }, pointer: '#/dim/1', answered: { ...tensors, dim: [1, 0] } },
  EMPTY_TENSOR: { refused: { input: [[]], target: [[]] }, pointer: '#/input/0', answered: { input: [[0]], target: [[0]] } },
  SCALAR_TENSOR: { refused: { input: 1, target: 1 }, pointer: '#/input', answered: { input: [1], target: [1] } },
  DATA_LENGTH_MISMATCH: {
    refused: { ...tensors, input: { shape: [1, 2], data: [1] } },
    pointer: '#/input/data',
    answered: { ...tensors, input: { shape: [1, 2], data: [1, 2] } },
  },
  INVALID_BASE64: {
    refused: { ...tensors, input: { shape: [1, 2], dtype: 'float32', base64: 'AACAPwAAAEA' } },
    pointer: '#/input/base64',
    answered: { ...tensors, input: { shape: [1, 2], dtype: 'float32', base64: 'AACAPwAAAEA=' } },
  },
  DEPTH_LIMIT: {
    refused: { ...tensors, input: nested(33) },
    pointer: `#/input${'/0'.repeat(32)}`,
    answered: { input: nested(32), target: nested(32) },
  },
  STRICT_WARNINGS: {
    refused: { ...tensors, strict: true, reduction: 'mean' },
    pointer: '#/reduction',
    answered: { ...tensors, strict: true },
  },
  TOO_MANY_ELEMENTS: {
    refused: { input: Array(101).fill(0), target: [0] },
    pointer: '#/input',
    answered: { input: Array(100).fill(0), target: Array(100).fill(0) },
  },
};

function nested(rank: number): unknown {
  return Array.from({ length: rank }).reduce<unknown>((inner) => [inner], 1);
}

for (const [code, { refused, pointer, answered }] of Object.entries(bodies)) {
  const { status, title } = problems[code as ProblemCode];
  test(`${code} is ${status} and points at ${pointer}; a body that comes close is answered`, async () => {
    const { http } = await sharedApp({ MAX_ELEMENTS: '100' });
    const { body } = await http
      .post(path)
      .send(refused as object)
      .expect(status)
      .expect('content-type', /^application\/problem\+json/);
    const { type, errors } = problem.parse(body);
    assert.deepEqual(
      [body.code, body.title, body.status, type, body.instance],
      [code, title, status, problemPath(code as ProblemCode), path],
    );
    assert.deepEqual([errors[0].code, errors[0].pointer], [code, pointer]);
    await http
      .post(path)
      .send(answered as object)
      .expect(200);
  });
}

test('INVALID_JSON is 400 and points at the element where the text breaks; the same text with quotes is another matter', async () => {
  const { http } = await sharedApp();
  const send = (text: string) => http.post(path).set('content-type', 'application/json').send(text);
  const { body } = await send('{"input": [[0.5, NaN]], "target": [[0.5, 0.5]]}').expect(400);
  assert.deepEqual([body.code, body.errors[0].pointer], ['INVALID_JSON', '#/input/0/1']);
  assert.match(body.detail, /No divergence follows from NaN/);
  assert.equal((await send('{"input": [[0.5, "NaN"]], "target": [[0.5, 0.5]]}').expect(422)).body.code, 'NAN_ELEMENT');
});

test('NUMBER_UNDERFLOW is 422 and points at the number that float64 would read as 0; the smallest float64 is read', async () => {
  const { http } = await sharedApp();
  const send = (number: string) =>
    http.post(path).set('content-type', 'application/json').send(`{"input": [[0.5, ${number}]], "target": [[0.5, 0.5]], "dim": 1}`);
  const { body } = await send('2e-324').expect(422);
  assert.deepEqual([body.code, body.errors[0].pointer], ['NUMBER_UNDERFLOW', '#/input/0/1']);
  await send('4.9e-324').expect(200);
});

test('no body and an empty body are INVALID_JSON', async () => {
  const { http } = await sharedApp();
  assert.equal((await http.post(path).expect(400)).body.code, 'INVALID_JSON');
  assert.equal((await http.post(path).set('content-type', 'application/json').expect(400)).body.code, 'INVALID_JSON');
});

test('BODY_TOO_LARGE is 413 and names the limit; a body of exactly the limit is read', async () => {
  const { http } = await sharedApp({ BODY_LIMIT_BYTES: '100' });
  const send = (length: number) =>
    http.post(path).set('content-type', 'application/json').send('{"input": [1, 2], "target": [2, 1], "reduction": "sum"}'.padEnd(length));
  await send(100).expect(200);
  const { body } = await send(101).expect(413);
  assert.equal(body.code, 'BODY_TOO_LARGE');
  assert.match(body.detail, /limit of 100 bytes/);
});

test('TOO_MANY_ITEMS is 413 for more than a thousand requests in a batch; a thousand are answered', async () => {
  const { http } = await sharedApp();
  const send = (count: number) => http.post(`${path}/batch`).send({ items: Array.from({ length: count }, () => tensors) });
  const { body } = await send(1001).expect(413);
  assert.deepEqual([body.code, body.errors[0].pointer], ['TOO_MANY_ITEMS', '#/items']);
  assert.match(body.detail, /at most 1000 requests, got 1001/);
  assert.equal((await send(1000).expect(200)).body.items.length, 1000);
});

// http/hostile.test.ts has as many lists refused, and the test of what a thread has no memory to read has plain rows answered
test('BODY_TOO_COMPLEX is 413 for more lists than 2 Mi that are not plain rows of numbers; rows of numbers are read, however many', {
  skip: leftOut,
}, async () => {
  const { http } = await sharedApp();
  const lists = `[${'[0],'.repeat(2 ** 21)}[0]]`;
  const { body } = await postBytes(http, path, `{"input": ${lists}, "target": [${lists}]}`).expect(422);
  assert.equal(body.code, 'SHAPE_MISMATCH');
  await postBytes(http, path, `{"input": ${lists}, "target": ${lists}}`).expect(200);
  const refused = await postBytes(http, path, `{"input": ${lists}, "target": ${lists.replace('0', 'null')}}`).expect(413);
  assert.equal(refused.body.code, 'BODY_TOO_COMPLEX');
});

test('UNSUPPORTED_MEDIA_TYPE is 415 for other types, charsets and encodings; JSON in UTF-8 is read under every spelling', async () => {
  const { http } = await sharedApp();
  const send = (headers: Record<string, string>) => http.post(path).set(headers).send(JSON.stringify(tensors));
  const refused = [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'nonsense' },
    { 'content-type': 'application/json; charset=utf-16' },
    { 'content-type': 'application/json', 'content-encoding': 'compress' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip, gzip' },
  ];
  for (const headers of refused) assert.equal((await send(headers).expect(415)).body.code, 'UNSUPPORTED_MEDIA_TYPE');
  for (const type of ['application/json', 'Application/JSON', 'application/json; charset=UTF-8', 'application/json;charset="utf-8"']) {
    await send({ 'content-type': type }).expect(200);
  }
});

test('INVALID_COMPRESSION is 400 for a body that is not what Content-Encoding says', async () => {
  const { http } = await sharedApp();
  for (const coding of ['gzip', 'deflate', 'br', 'zstd']) {
    const { body } = await http.post(path).set({ 'content-type': 'application/json', 'content-encoding': coding }).send('{}').expect(400);
    assert.equal(body.code, 'INVALID_COMPRESSION');
  }
});

test('INVALID_SAFETENSORS is 400 for a body that is JSON', async () => {
  const { http } = await sharedApp();
  const { body } = await http.post(path).set('content-type', 'application/vnd.safetensors').send('{"input": [[1]]}').expect(400);
  assert.equal(body.code, 'INVALID_SAFETENSORS');
  assert.match(body.detail, /Content-Type is application\/json/);
});

test('BODY_TOO_COMPLEX is 413 for what a thread has no memory to read; plain rows of as many numbers are read', async () => {
  const { http } = await sharedApp({ WORKERS: '1', WORKER_HEAP_MB: '40' });
  const row = '0.25,'.repeat(1_000_000);
  const { body } = await postBytes(http, path, `{"input": [${row}null], "target": [${row}1]}`).expect(413);
  assert.equal(body.code, 'BODY_TOO_COMPLEX');
  assert.match(body.detail, /may take 46 MB to read; there are 16 here/);
  await postBytes(http, path, `{"input": [${row}1], "target": [${row}1]}`).expect(200);
});

test('WORKER_LOST is 503 with Retry-After for a request whose thread is lost', async (t) => {
  const { http } = await faultyApp(t, { INLINE_LIMIT_BYTES: '0' });
  const { body } = await http.post(path).set('x-request-id', 'exits').send(tensors).expect(503).expect('retry-after', '1');
  assert.equal(body.code, 'WORKER_LOST');
  await http.post(path).send(tensors).expect(200);
});

test('NOT_FOUND is 404 for every method, before a body is read, and repeats no more than the start of a path', async () => {
  const { http } = await sharedApp();
  assert.equal((await http.get('/v2/kl-divergence').expect(404)).body.code, 'NOT_FOUND');
  await http.post('/v1/kl').set('content-type', 'text/plain').send('x').expect(404);
  const { body } = await http.get(`/${'x'.repeat(10_000)}?secret=1`).expect(404);
  assert.ok(body.detail.length < 300 && !body.instance.includes('secret'));
  assert.equal((await http.get('/docs/static/nothing.js').expect(404)).body.code, 'NOT_FOUND');
  await http.get('/docs/static/swagger-ui.css').expect(200);
});

test('a path that is nearly one of the service is told that one, and another is not', async () => {
  const { http } = await sharedApp();
  for (const wrong of ['/v1/kl_divergence', '/v1/kl-divergence/', '/kl-divergence', '/v1/divergence']) {
    const near = wrong === '/v1/divergence' ? '/v1/divergences' : path;
    assert.equal((await http.post(wrong).expect(404)).body.detail, `there is no route at ${wrong}; did you mean ${near}?`);
  }
  assert.equal((await http.post('/predict').expect(404)).body.detail, 'there is no route at /predict');
});

test('a model that there is not is told the one that its name nearly is, and which there are if it is near none', async () => {
  const { http } = await sharedApp();
  const detailOf = async (wrong: string) => (await http.post(`/v2/models/${wrong}`).expect(404)).body.detail;
  const told = async (wrong: string, hint: string) =>
    assert.equal(await detailOf(wrong), `there is no route at /v2/models/${wrong}; ${hint}`);
  await told('hellinge/infer', 'did you mean the model hellinger?');
  await told('kl-div', 'did you mean the model kl_div?');
  await told('bert/infer', `the models are ${modelNames.join(', ')}`);
  await told('bert/versions/1/ready', `the models are ${modelNames.join(', ')}`);
  await told('renyi/infr', 'did you mean /v2/models/renyi/infer?');
  assert.ok((await detailOf('x'.repeat(1000))).length < 500);
});

test('METHOD_NOT_ALLOWED is 405 with Allow on every path, before a body is read', async () => {
  const { http } = await sharedApp();
  const cases = [
    [path, 'get', 'POST'],
    [`${path}/explain`, 'delete', 'POST'],
    ['/v1/info', 'post', 'GET, HEAD'],
    ['/livez', 'put', 'GET, HEAD'],
    ['/readyz', 'patch', 'GET, HEAD'],
    ['/openapi.json', 'post', 'GET, HEAD'],
    ['/problems/not-found', 'post', 'GET, HEAD'],
    ['/', 'post', 'GET, HEAD'],
    ['/docs', 'post', 'GET, HEAD'],
    ['/docs/static/index.css', 'put', 'GET, HEAD'],
    [path, 'propfind', 'POST'],
  ] as const;
  for (const [url, method, allow] of cases) {
    const { body } = await http[method](url).set('content-type', 'text/plain').expect(405).expect('allow', allow);
    assert.equal(body.code, 'METHOD_NOT_ALLOWED');
    assert.ok(body.detail.endsWith(`allowed: ${allow}`));
  }
  await http.head('/livez').expect(200);
});

/** What a server answers to bytes that no client library would send. */
async function raw(bytes: string): Promise<string> {
  const { port } = await sharedApp();
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const codeIn = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('{'))).code;

test('BAD_REQUEST is 400 for malformed HTTP, and well-formed HTTP on the same bytes is answered', async () => {
  const malformed = await raw('GET /livez HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n');
  assert.match(malformed, /^HTTP\/1\.1 400 /);
  assert.match(malformed, /content-type: application\/problem\+json/i);
  assert.equal(codeIn(malformed), 'BAD_REQUEST');
  assert.match(await raw('GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 200 /);
});

test('BAD_REQUEST is 400 for a path that does not decode', async () => {
  const answer = await raw('GET /%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.equal(codeIn(answer), 'BAD_REQUEST');
});

test('HEADERS_TOO_LARGE is 431', async () => {
  const big = await raw(`GET /livez HTTP/1.1\r\nHost: a\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
  assert.match(big, /^HTTP\/1\.1 431 /);
  assert.equal(codeIn(big), 'HEADERS_TOO_LARGE');
  assert.match(
    await raw(`GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Big: ${'x'.repeat(10_000)}\r\n\r\n`),
    /^HTTP\/1\.1 200 /,
  );
});

test('REQUEST_TIMEOUT is 408 for headers that never end', async (t) => {
  const { app } = await startedApp(t);
  app.server.headersTimeout = 50;
  app.server.requestTimeout = 50;
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const answer = Buffer.concat(chunks).toString();
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.equal(codeIn(answer), 'REQUEST_TIMEOUT');
});

test('REQUEST_TIMEOUT is 408 for a body that never ends, while a request that is whole waits for its answer as long as it takes', async (t) => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const { app } = await startedApp(t, { REQUEST_TIMEOUT_MS: '100' }, (app) => app.get('/held', () => held.then(() => 'at last')));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const waiting = fetch(`http://127.0.0.1:${port}/held`);
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"input"`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const answer = Buffer.concat(chunks).toString();
  letGo();
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.equal(codeIn(answer), 'REQUEST_TIMEOUT');
  assert.equal(await (await waiting).text(), 'at last');
});

test('EXPECTATION_FAILED is 417 for what is expected beside 100-continue, which is met', async () => {
  const expecting = (what: string) => `GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: ${what}\r\n\r\n`;
  const answer = await raw(expecting('wonders'));
  assert.match(answer, /^HTTP\/1\.1 417 /);
  assert.equal(codeIn(answer), 'EXPECTATION_FAILED');
  assert.match(await raw(expecting('100-Continue')), /^HTTP\/1\.1 200 /);
});

test('INVALID_BINARY_TENSORS is 400 for bytes that no input counts', async () => {
  const { http } = await sharedApp();
  const inputs = ['input', 'target'].map((name) => ({ name, shape: [2], datatype: 'FP64', data: [1, 2] }));
  const json = JSON.stringify({ inputs });
  const infer = (length: number) =>
    http
      .post('/v2/models/kl_div/infer')
      .set({ 'content-type': 'application/json', 'inference-header-content-length': String(length) })
      .send(`${json} `);
  assert.equal((await infer(json.length).expect(400)).body.code, 'INVALID_BINARY_TENSORS');
  await infer(json.length + 1).expect(200);
});

test('DEADLINE_EXCEEDED is 504 for a timeout that is over before the answer is ready', async () => {
  const { http } = await sharedApp();
  const inputs = ['input', 'target'].map((name) => ({ name, shape: [2], datatype: 'FP64', data: [1, 2] }));
  const infer = (timeout: number) => http.post('/v2/models/kl_div/infer').send({ inputs, parameters: { timeout } });
  const { body } = await infer(1).expect(504);
  assert.deepEqual([body.code, body.errors[0].pointer], ['DEADLINE_EXCEEDED', '#/parameters/timeout']);
  await infer(60_000_000).expect(200);
});

test('OVERLOADED is 503 for a body that there is no room for, and tells when to try again', async (t) => {
  const { http, workers } = await startedApp(t, { WORKERS: '1', LARGE_QUEUE: '0', INLINE_LIMIT_BYTES: '10' });
  const another = workers.reserve({ client: () => 'another' });
  another.claim({ lane: 'large', bytes: 0, elements: 0 });
  const large = JSON.stringify({ ...tensors, id: 'x'.repeat(2 ** 20) });
  const { body, headers } = await http.post(path).set('content-type', 'application/json').send(large).expect(503);
  assert.equal(body.code, 'OVERLOADED');
  assert.match(headers['retry-after'], /^[1-9]\d*$/);
  // what is small has room of its own
  await http.post(path).send(tensors).expect(200);
  another.release();
  await http.post(path).set('content-type', 'application/json').send(large).expect(422);
});

test('SHUTTING_DOWN is 503 for a stream that begins while the process leaves', async (t) => {
  const { http, drain } = await startedApp(t);
  const stream = () =>
    http
      .post('/v1/kl-divergence/batch')
      .set('content-type', 'application/x-ndjson')
      .send(`${JSON.stringify(tensors)}\n`);
  await stream().expect(200);
  drain.start();
  assert.equal((await stream().expect(503)).body.code, 'SHUTTING_DOWN');
});

test('INTERNAL is 500, says nothing of its cause to the caller, and logs it under the request id', async (t) => {
  const { http, lines } = await startedApp(t, {}, (app) =>
    app.addHook('preHandler', async ({ url }) => {
      if (url === '/livez') throw new TypeError('canary: a secret of the inside');
    }),
  );
  const { body } = await http.get('/livez').expect(500);
  assert.equal(body.code, 'INTERNAL');
  assert.ok(!JSON.stringify(body).includes('canary'));
  const logged = lines.find(({ level }) => level === 50);
  assert.equal(logged?.request_id, body.request_id);
  assert.match(JSON.stringify(logged), /canary/);
  await http.get('/readyz').expect(200);
});

test('every code of the catalogue is tested in this folder, by a case of the table or by a test that its name begins', () => {
  const files = globSync('*.test.ts', { cwd: import.meta.dirname }).map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
  const titles = files.flatMap((text) => [...text.matchAll(/^test\('([A-Z_]{5,}) is /gm)]);
  assert.deepEqual([...new Set([...Object.keys(bodies), ...[...titles].map(([, code]) => code)])].sort(), problemCodes.toSorted());
});

test('the type of every problem is the path of a short page about it', async () => {
  const { http } = await sharedApp();
  for (const code of problemCodes) {
    const { text } = await http
      .get(problemPath(code))
      .expect(200)
      .expect('content-type', /^text\/html/);
    assert.ok(text.includes(`<code>${code}</code>`));
  }
  await http.get('/problems/unheard-of').expect(404);
});

test('ANSWER_TOO_LARGE is 413 where an answer never fits, and advises what does; a shorter answer to the same tensors is written', async () => {
  const { http } = await sharedApp({ INLINE_LIMIT_BYTES: '0', BYTES_IN_FLIGHT: '10000000' });
  const tensor = { shape: [50_000, ...Array(31).fill(1)], dtype: 'float32', base64: Buffer.alloc(200_000).toString('base64') };
  const input = { shape: [50_000, ...Array(31).fill(1)], data: Array(50_000).fill(0) };
  const ask = (body: object) => postBytes(http, path, JSON.stringify(body));
  const nested = Array.from({ length: 50_000 }, () => nestedBy(31, 0));
  const { body } = await ask({ input: nested, target: nested, reduction: 'all' }).expect(413);
  assert.deepEqual([body.code, body.errors[0].pointer], ['ANSWER_TOO_LARGE', '#/reduction']);
  assert.match(body.detail, /fewer tensors, per_distribution in place of none, safetensors or binary data in place of JSON/);
  await ask({ input, target: input, reduction: 'sum' }).expect(200);
  await ask({ input: tensor, target: tensor, reduction: 'none' }).expect(200);
});

function nestedBy(depth: number, value: unknown): unknown {
  return Array.from({ length: depth }).reduce<unknown>((inner) => [inner], value);
}

test('a client that asks for a tunnel and resets the connection harms nobody', async () => {
  const { http, port } = await sharedApp();
  for (let count = 0; count < 5; count++) {
    const socket = connect(port, '127.0.0.1');
    const answered = once(socket, 'readable');
    socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n');
    await answered;
    socket.resetAndDestroy();
  }
  await http.get('/livez').expect(200);
});

test('a client that goes away while it sends harms nobody', async () => {
  const { http, port } = await sharedApp();
  await new Promise<void>((resolve) => {
    const leaving = httpRequest({
      port,
      host: '127.0.0.1',
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 1000 },
    });
    leaving.on('error', () => resolve());
    leaving.write('{"input": [');
    setImmediate(() => leaving.destroy());
    leaving.on('close', resolve);
  });
  await http.get('/livez').expect(200);
});
