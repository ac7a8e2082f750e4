import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
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

/** The same request, which strict rejects, alone, in a batch and in the Open Inference Protocol. */
const strictRequests = {
  [path]: { status: 422, body: { ...ten, strict: true, reduction: 'mean' } },
  [`${path}/batch`]: { status: 200, body: { items: [ten], defaults: { strict: true, reduction: 'mean' } } },
  '/v2/models/kl_div/infer': {
    status: 400,
    body: {
      inputs: ['input', 'target'].map((name) => ({ name, shape: [10], datatype: 'FP64', data: ten[name as keyof typeof ten] })),
      parameters: { strict: true, reduction: 'mean' },
    },
  },
};

for (const [url, { status, body }] of Object.entries(strictRequests)) {
  test(`what strict rejects at ${url} has been computed, and costs as much`, async (t) => {
    const { http } = await startedApp(t, { QUOTA_ELEMENTS: '25' });
    await http.post(url).send(body).expect(status);
    // the last request costs ten, too
    const { headers } = await http.post(path).send(ten).expect(200);
    assert.match(headers.ratelimit, /;r=5;/);
  });
}

test('a window that is over gives the whole quota back', async (t) => {
  const { http } = await startedApp(t, { QUOTA_ELEMENTS: '1', QUOTA_WINDOW_SECONDS: '1' });
  await http.get('/v1/info').expect(200);
  await http.get('/v1/info').expect(429);
  while ((await http.get('/v1/info')).status !== 200);
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
