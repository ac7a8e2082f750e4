import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { brotliCompressSync, constants, createZstdCompress, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import Fastify from 'fastify';
import { writeSafetensors } from '../../src/formats/safetensors/write.ts';
import { sendContent } from '../../src/http/send-content.ts';
import { sharedApp, startedApp } from '../helper.ts';
import { answersTo } from './answers.ts';
import { decoders } from './decoders.ts';
import { exchange } from './exchange.ts';

const path = '/v1/kl-divergence';
const safetensors = 'application/vnd.safetensors';
const json = Buffer.from('{"input": [1, 2], "target": [2, 1], "reduction": "sum"}');

const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };

const listening = async (env?: Record<string, string>): Promise<number> => (await sharedApp(env)).port;

function post(port: number, target: string, headers: Readonly<Record<string, string>>, body: Buffer) {
  const lines = Object.entries({ Host: 'a', 'Content-Length': String(body.length), ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return exchange(port, Buffer.concat([Buffer.from(`POST ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), body]));
}

/** A safetensors file of logits, rows × 5. */
function logits(rows: number): Buffer {
  const side = (start: number) => ({ shape: [rows, 5], data: Float64Array.from({ length: rows * 5 }, (_, k) => ((k + start) % 7) - 3) });
  return Buffer.concat(writeSafetensors({ input: side(0), target: side(3) }, {}));
}

/** Whether bytes begin as those of zlib do: the length of a safetensors header may. */
const looksLikeZlib = (bytes: Buffer) => (bytes[0] & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;

test('a safetensors answer is what its Content-Encoding says, also where its header has a length that looks like zlib', async () => {
  const port = await listening();
  let lookalikes = 0;
  for (const [rows, query] of [
    [10_000, 'dim=1&reduction=per_distribution,sum,distribution_mean'],
    [10_000, 'dim=1&reduction=per_distribution,sum'],
    [10_000, 'dim=1&reduction=all'],
    [9_999, 'dim=-1&reduction=per_distribution'],
  ] as const) {
    const body = logits(rows);
    const ask = (coding: string) =>
      post(port, `${path}?${query}`, { 'Content-Type': safetensors, Accept: safetensors, 'Accept-Encoding': coding }, body);
    const plain = await ask('identity');
    assert.equal(plain.headers.get('content-encoding'), undefined);
    if (looksLikeZlib(plain.body)) lookalikes++;
    for (const [coding, decode] of Object.entries(decoders)) {
      const answer = await ask(coding);
      assert.equal(answer.headers.get('content-encoding'), coding, query);
      assert.match(answer.headers.get('vary') ?? '', /accept-encoding/i);
      assert.ok(decode(answer.body).equals(plain.body), `${coding}, ${query}`);
    }
  }
  assert.ok(lookalikes > 0);
});

test('an answer that is computed on the event loop, and that is long, is compressed too', async () => {
  const port = await listening();
  const data = Array.from({ length: 4000 }, (_, k) => k % 9);
  const body = Buffer.from(JSON.stringify({ input: data, target: data.toReversed(), reduction: 'none' }));
  assert.ok(body.length < 2 ** 15);
  const ask = (coding: string) => post(port, path, { 'Content-Type': 'application/json', 'Accept-Encoding': coding }, body);
  const plain = await ask('identity');
  assert.ok(plain.body.length > 2 ** 16);
  for (const [coding, decode] of Object.entries(decoders)) {
    const answer = await ask(coding);
    assert.equal(answer.headers.get('content-encoding'), coding);
    assert.ok(decode(answer.body).equals(plain.body), coding);
  }
});

test('the answer to a stream of lines is not compressed, and does not say that it is', async () => {
  const port = await listening();
  const body = Buffer.from(`${json}\n`.repeat(3));
  const answer = await post(port, `${path}/batch`, { 'Content-Type': 'application/x-ndjson', 'Accept-Encoding': 'gzip, br, zstd' }, body);
  assert.equal(answer.headers.get('content-encoding'), undefined);
  assert.equal(JSON.parse(answer.body.toString().trimEnd().split('\n').at(-1) ?? '').totals.answered, 3);
});

test('/v2 answers in gzip or deflate, whatever else a client names', async () => {
  const port = await listening();
  const data = Array.from({ length: 10_000 }, (_, k) => (k % 9) + 0.125);
  const sides = { input: data, target: data.toReversed() };
  const inputs = Object.entries(sides).map(([name, side]) => ({ name, shape: [10_000], datatype: 'FP64', data: side }));
  const body = Buffer.from(JSON.stringify({ inputs, outputs: [{ name: 'none' }] }));
  for (const [accepted, coding] of [
    ['zstd, br, deflate;q=0.5, gzip;q=0.4', 'deflate'],
    ['zstd, br, gzip', 'gzip'],
    ['zstd, br', undefined],
  ] as const) {
    const answer = await post(port, '/v2/models/kl_div/infer', { 'Accept-Encoding': accepted }, body);
    assert.deepEqual([answer.status, answer.headers.get('content-encoding')], [200, coding]);
    const text = coding === undefined ? answer.body : decoders[coding](answer.body);
    assert.equal(JSON.parse(text.toString()).outputs[0].data.length, 10_000);
  }
});

for (const [named, encode] of Object.entries({
  GZIP: gzipSync,
  'x-gzip': gzipSync,
  'X-Gzip': gzipSync,
  Deflate: deflateSync,
  BR: brotliCompressSync,
  Zstd: zstdCompressSync,
  Identity: (bytes: Buffer) => bytes,
  IDENTITY: (bytes: Buffer) => bytes,
})) {
  test(`Content-Encoding: ${named} is read, whatever its case`, async () => {
    const port = await listening();
    const answer = await post(port, path, { 'Content-Type': 'application/json', 'Content-Encoding': named }, encode(json));
    assert.equal(answer.status, 200, answer.body.toString());
  });
}

test('a body that is encoded with Identity has the length that it declares: beyond the limit it is not asked for', async () => {
  const port = await listening({ BODY_LIMIT_BYTES: '10' });
  const head = `Host: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Encoding: Identity\r\nContent-Length: ${json.length}`;
  const [answer, ...more] = await answersTo(port, `POST ${path} HTTP/1.1\r\n${head}\r\nExpect: 100-continue\r\n\r\n`);
  assert.deepEqual([answer.status, more.length], [413, 0]);
});

for (const [coding, encode] of Object.entries(encoders)) {
  const whole = encode(json);
  const marker = 'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

  for (const [what, behind] of Object.entries({
    'a zero byte': Buffer.alloc(1),
    text: Buffer.from('more'),
    'much text': Buffer.alloc(300_000, 'x'),
  })) {
    test(`${what} behind a body in ${coding} is INVALID_COMPRESSION, and the connection goes on`, async () => {
      const port = await listening();
      const body = Buffer.concat([whole, behind]);
      const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Encoding: ${coding}`;
      const [answer, next] = await answersTo(port, `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body.toString('latin1')}${marker}`);
      assert.deepEqual([answer.status, JSON.parse(answer.body).code, next?.status], [400, 'INVALID_COMPRESSION', 200]);
    });
  }

  test(`a long body that is not in ${coding} at all is INVALID_COMPRESSION, and the connection goes on`, async () => {
    const port = await listening();
    const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Encoding: ${coding}`;
    const [answer, next] = await answersTo(port, `${head}\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}${marker}`);
    assert.deepEqual([answer.status, JSON.parse(answer.body).code, next?.status], [400, 'INVALID_COMPRESSION', 200]);
  });

  test(`bytes that come long after a body in ${coding} has ended are INVALID_COMPRESSION, and the connection goes on`, async (t) => {
    const { app } = await startedApp(t);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    t.after(() => socket.destroy());
    const arrived = new Promise((resolve) => app.server.once('request', (request) => request.once('data', () => setImmediate(resolve))));
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Encoding: ${coding}\r\nContent-Length: ${whole.length + 4}\r\n\r\n`,
    );
    socket.write(whole);
    await arrived;
    socket.write(`more${marker}`);
    const text = Buffer.concat(await socket.toArray()).toString();
    assert.match(text, /^HTTP\/1\.1 400 [\s\S]*"INVALID_COMPRESSION"[\s\S]*HTTP\/1\.1 200 OK/);
  });

  test(`a body in ${coding} that is cut anywhere is INVALID_COMPRESSION`, async () => {
    const port = await listening();
    for (let length = 1; length < whole.length; length++) {
      const answer = await post(port, path, { 'Content-Type': 'application/json', 'Content-Encoding': coding }, whole.subarray(0, length));
      assert.deepEqual([answer.status, JSON.parse(answer.body.toString()).code], [400, 'INVALID_COMPRESSION'], `${length} bytes`);
    }
  });
}

for (const coding of ['gzip', 'zstd'] as const) {
  test(`several members in ${coding}, one after the other, are one body`, async () => {
    const port = await listening();
    const body = Buffer.concat([json.subarray(0, 20), json.subarray(20)].map((part) => encoders[coding](part)));
    const answer = await post(port, path, { 'Content-Type': 'application/json', 'Content-Encoding': coding }, body);
    assert.equal(answer.status, 200, answer.body.toString());
  });
}

test('a zstd body may look back 8 MiB, as HTTP allows, and no further', async () => {
  const port = await listening();
  const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'zstd' };
  for (const [windowLog, status] of [
    [23, 200],
    [24, 400],
  ]) {
    // of unknown length: a frame that tells its length needs no more than that
    const compressor = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: windowLog } });
    compressor.end(json);
    const answer = await post(port, path, headers, await buffer(compressor));
    assert.equal(answer.status, status, `2 to the ${windowLog}`);
  }
});

test('of long answers that clients do not read, the first eight are compressed, and the others go as they are', async (t) => {
  // more than sockets hold
  const long = randomBytes(2 ** 24);
  const app = Fastify();
  app.get('/', (request, reply) => sendContent(request, reply, [long]));
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => {
    app.server.closeAllConnections();
    return app.close();
  });
  const { port } = app.server.address() as AddressInfo;
  const codings: (string | undefined)[] = [];
  for (let k = 0; k < 10; k++) {
    const sent = request({ port, host: '127.0.0.1', headers: { 'accept-encoding': 'br' }, agent: false }).end();
    t.after(() => sent.destroy());
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    codings.push(answer.headers['content-encoding']);
  }
  assert.deepEqual(codings, [...Array(8).fill('br'), undefined, undefined]);
});

test('a stream of lines with bytes behind its compressed body has the answers, the problem and the totals', async () => {
  const port = await listening();
  for (const [coding, encode] of Object.entries(encoders)) {
    const body = Buffer.concat([encode(Buffer.from(`${json}\n`.repeat(3))), Buffer.from('more')]);
    const answer = await post(port, `${path}/batch`, { 'Content-Type': 'application/x-ndjson', 'Content-Encoding': coding }, body);
    const lines = answer.body
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(lines.at(-2).problem.code, 'INVALID_COMPRESSION', coding);
    assert.equal(lines.at(-1).totals.refused, 1);
  }
});
