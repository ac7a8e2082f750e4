import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, constants, deflateSync, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { cases, everyNth } from '../../cases.ts';
import { postBytes, roughly, sharedApp, startedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';
const rows = (shift: number) =>
  Array.from({ length: 400 }, (_, row) => Array.from({ length: 50 }, (_, k) => Math.sin(row * 50 + k + shift)));
const large = JSON.stringify({ input: rows(0), target: rows(1), reduction: 'all' });

test('a body is answered alike on the event loop and in a thread', async () => {
  const inline = await sharedApp({ INLINE_LIMIT_BYTES: '10000000' });
  const threads = await sharedApp();
  const here = await postBytes(inline.http, path, large).expect(200);
  const there = await postBytes(threads.http, path, large).expect(200);
  assert.deepEqual(roughly(there.body), roughly(here.body));
  assert.equal(there.headers['content-type'], here.headers['content-type']);
});

test('large requests at the same time, again and again, each get their own answer', async (t) => {
  const { workers, http } = await startedApp(t, { WORKERS: '2' });
  await workers.start();
  const ask = async (shift: number) => {
    const input = rows(0);
    const { body } = await http
      .post(path)
      .send({ input, target: rows(shift), reduction: ['sum', 'none'] })
      .expect(200);
    return [shift, body.results.sum, body.results.none[399][49]];
  };
  const alone = [];
  for (let shift = 1; shift <= 6; shift++) alone.push(await ask(shift));
  for (let round = cases(t, 4, 2, 'rounds'); round > 0; round--) {
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5, 6].map(ask)), alone);
  }
});

test('a large body without a length, in chunks, is answered', async () => {
  const { port } = await sharedApp();
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob([large]).stream(),
    duplex: 'half',
  });
  assert.equal(reply.status, 200);
  await reply.arrayBuffer();
});

test('every answer tells how long receiving, waiting, parsing, computing and encoding took, a refusal how long what was done', async () => {
  const { http } = await sharedApp();
  for (const body of ['{"input": [1, 2], "target": [2, 1]}', large]) {
    const { headers } = await postBytes(http, path, body).expect(200);
    const phases = headers['server-timing'].split(', ').map((phase) => /^(\w+);dur=\d+(\.\d+)?$/.exec(phase)?.[1]);
    assert.deepEqual(phases, ['receive', 'queue', 'parse', 'compute', 'encode']);
  }
  const { headers } = await postBytes(http, path, '{"input": [1, 2], "target": [2]}').expect(422);
  assert.match(headers['server-timing'], /^receive;dur=[\d.]+, queue;dur=0, parse;dur=[\d.]+$/);
});

const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const codings = {
  gzip: (bytes: string | Buffer) => gzipSync(bytes, { level: 1 }),
  deflate: (bytes: string | Buffer) => deflateSync(bytes, { level: 1 }),
  br: (bytes: string | Buffer) => brotliCompressSync(bytes, fast),
  zstd: zstdCompressSync,
};

test('compressed bodies, small and large, are read', async () => {
  const { http } = await sharedApp();
  for (const [coding, compress] of Object.entries(codings)) {
    for (const body of ['{"input": [1, 2], "target": [2, 1]}', large]) {
      await postBytes(http, path, compress(body)).set('content-encoding', coding).expect(200);
    }
  }
});

test('the limit is on what a body inflates to: a bomb is 413, and no more of it is inflated than the limit', async (t) => {
  const { http } = await sharedApp({ BODY_LIMIT_BYTES: '100000' });
  // deflate and br: to make a bomb of 256 MiB takes a second
  for (const [coding, compress] of everyNth(t, Object.entries(codings), 2, 1)) {
    const bomb = compress(Buffer.alloc(2 ** 28, 0x20));
    const before = process.memoryUsage().rss;
    const { body } = await postBytes(http, path, bomb).set('content-encoding', coding).expect(413).expect('connection', 'close');
    assert.equal(body.code, 'BODY_TOO_LARGE');
    assert.ok(process.memoryUsage().rss - before < 2 ** 27, coding);
  }
});

test('a large compressed body that is cut short is INVALID_COMPRESSION', async () => {
  const { http } = await sharedApp();
  const whole = gzipSync(large);
  const { body } = await postBytes(http, path, whole.subarray(0, whole.length / 2))
    .set('content-encoding', 'gzip')
    .expect(400);
  assert.equal(body.code, 'INVALID_COMPRESSION');
});

test('large answers are compressed for clients that accept it, small ones are not', async () => {
  const { http, port } = await sharedApp();
  const send = (body: string, accepted: string) =>
    new Promise<{ coding: string | undefined; bytes: Buffer }>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'accept-encoding': accepted };
      const sending = httpRequest({ port, path, method: 'POST', headers }, async (reply) => {
        const chunks: Buffer[] = [];
        for await (const chunk of reply) chunks.push(chunk);
        resolve({ coding: reply.headers['content-encoding'], bytes: Buffer.concat(chunks) });
      });
      sending.once('error', reject);
      sending.end(body);
    });
  const plain = await postBytes(http, path, large).set('accept-encoding', 'identity').expect(200);
  for (const [accepted, coding, inflate] of [
    ['gzip, deflate', 'gzip', gunzipSync],
    ['gzip, zstd', 'zstd', zstdDecompressSync],
  ] as const) {
    const { coding: used, bytes } = await send(large, accepted);
    assert.equal(used, coding);
    assert.deepEqual(JSON.parse(inflate(bytes).toString()), plain.body);
  }
  assert.equal((await send('{"input": [1, 2], "target": [2, 1]}', 'gzip, zstd')).coding, undefined);
});

test('a client that goes away during a large body leaves the service answering', async (t) => {
  const { app, http, lines } = await startedApp(t, { WORKERS: '1' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const sending = httpRequest({
    port,
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': large.length },
  });
  sending.once('error', () => {});
  const received = new Promise((resolve) => app.server.once('request', (incoming) => incoming.once('data', resolve)));
  sending.write(large.slice(0, 1000));
  await received;
  sending.destroy();
  await postBytes(http, path, large).expect(200);
  assert.ok(lines.some(({ status, msg }) => status === 499 && msg === 'client disconnected'));
});

/** Has the system without memory for bodies, until the test ends or what it returns is called. */
function withoutMemory(t: TestContext): () => void {
  const real = globalThis.SharedArrayBuffer;
  const restore = () => {
    globalThis.SharedArrayBuffer = real;
  };
  globalThis.SharedArrayBuffer = new Proxy(real, {
    construct(target, [length]) {
      if (length >= 2 ** 20) throw new RangeError('Array buffer allocation failed');
      return new target(length);
    },
  });
  t.after(restore);
  return restore;
}

for (const [what, headers, body] of [
  ['of known length', { 'content-length': String(large.length) }, large],
  ['in chunks', {}, large],
  ['that is compressed', { 'content-encoding': 'gzip' }, gzipSync(large)],
] as const) {
  test(`a body ${what} that there is no memory for is refused with 503, and leaves nothing behind`, async (t) => {
    const { app, workers, http } = await startedApp(t);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const restore = withoutMemory(t);
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      const sending = httpRequest({ port, path, method: 'POST', headers: { 'content-type': 'application/json', ...headers } }, resolve);
      sending.on('error', reject).write(body);
      sending.end();
    });
    const problem = JSON.parse(Buffer.concat(await reply.toArray()).toString());
    assert.deepEqual([reply.statusCode, problem.code, reply.headers['retry-after']], [503, 'OVERLOADED', '1']);
    restore();
    await http.get('/livez').expect(200);
    const { lanes, bytes, elements } = workers.load();
    const inside = Object.values(lanes).map(({ running, waiting }) => running + waiting);
    assert.deepEqual([bytes, elements, ...inside], [0, 0, 0, 0, 0]);
    await postBytes(http, path, large).expect(200);
  });
}

test('a line that there is no memory for is refused in its place, and the stream goes on', async (t) => {
  const { app, workers } = await startedApp(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const restore = withoutMemory(t);
  const small = JSON.stringify({ input: [1, 2], target: [2, 1] });
  const reply = await fetch(`http://127.0.0.1:${port}${path}/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${large}\n${small}\n`,
  });
  const text = await reply.text();
  restore();
  const [first, second] = text.split('\n').map((line) => line && JSON.parse(line));
  assert.deepEqual([first.status, first.problem.code, second.status], [503, 'OVERLOADED', 200]);
  assert.equal(workers.load().bytes, 0);
});
