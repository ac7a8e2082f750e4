import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { slowestPace } from '../../src/http/body/pace.ts';
import { postBytes, startedApp } from '../helper.ts';

const path = '/v1/kl-divergence';
const numbers = (count: number) => Array.from({ length: count }, (_, k) => Math.sin(k));
const bodyOf = (count: number) => JSON.stringify({ input: numbers(count), target: numbers(count).toReversed() });
const small = bodyOf(5_000);
const large = bodyOf(40_000);

async function listening(t: TestContext, env: Record<string, string> = {}) {
  const started = await startedApp(t, { LOG_LEVEL: 'silent', WORKERS: '1', ...env });
  await started.app.listen({ port: 0, host: '127.0.0.1' });
  return { ...started, port: (started.app.server.address() as AddressInfo).port };
}

type Load = Awaited<ReturnType<typeof listening>>['workers']['load'];

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await sleep(5);
}

/** Resolves when nothing is held of any budget. */
function emptied(load: Load): Promise<void> {
  return until(() => {
    const { lanes, bytes, elements } = load();
    return bytes === 0 && elements === 0 && Object.values(lanes).every(({ running, waiting }) => running + waiting === 0);
  });
}

const head = (length: number, type = 'json', to = path) =>
  `POST ${to} HTTP/1.1\r\nHost: a\r\nContent-Type: application/${type}\r\nContent-Length: ${length}\r\n\r\n`;

function opened(t: TestContext, port: number, text: string): { readonly socket: Socket; readonly said: () => string } {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk;
  });
  socket.write(text);
  return { socket, said: () => said };
}

for (const [what, sent] of [
  ['is being collected', large.length / 16],
  ['has memory for all of it', large.length / 4],
] as const) {
  test(`a body that ${what} and stops is 408 once another request needs its memory, and that one is answered`, async (t) => {
    const { port, http, workers } = await listening(t, { BYTES_IN_FLIGHT: '50000' });
    const { socket, said } = opened(t, port, head(large.length) + large.slice(0, sent));
    await until(() => workers.load().bytes > 0);
    await sleep(slowestPace.silenceMs + 100);
    // while nobody needs it, it may be as slow as it likes
    assert.equal(said(), '');
    await postBytes(http, path, small).expect(200);
    await until(() => said().includes('REQUEST_TIMEOUT'));
    assert.match(said(), /^HTTP\/1\.1 408 .*came too slowly while other requests needed its memory/s);
    socket.destroy();
    await emptied(workers.load);
  });
}

test('a stream that is used keeps its place; when it has been silent for 2 s, it is ended for a new one, with its problem and totals', async (t) => {
  const { port, workers } = await listening(t, { STREAMS: '1' });
  const text = `${JSON.stringify({ id: 1, input: [1, 2], target: [2, 1] })}\n`;
  const stream = `${head(1e9, 'x-ndjson', `${path}/batch`)}${text}`;
  const used = opened(t, port, stream);
  await until(() => used.said().includes('"id":1'));
  for (let count = 0; count < 5; count++) {
    const refused = opened(t, port, stream);
    await once(refused.socket, 'data');
    assert.match(refused.said(), /^HTTP\/1\.1 503 /);
    refused.socket.destroy();
    used.socket.write(text);
    await sleep(50);
  }
  await sleep(slowestPace.silenceMs + 1000);
  const next = opened(t, port, stream);
  await until(() => next.said().includes('"id":1'));
  await until(() => used.socket.closed);
  assert.match(used.said(), /"status":408,.*"totals":\{"lines":7,"answered":6,"refused":1\}/s);
  next.socket.destroy();
  await emptied(workers.load);
});

test('a client that holds its share of a lane gets no more while another has been refused, and that other is answered', async (t) => {
  const { http, workers } = await listening(t, { TRUSTED_PROXIES: '127.0.0.1', SMALL_QUEUE: '3' });
  const ask = (address: string) => postBytes(http, path, small).set('x-forwarded-for', address);
  const held = Array.from({ length: 4 }, () => {
    const reservation = workers.reserve({ client: () => 'address:192.0.2.1' });
    reservation.claim({ lane: 'small', bytes: 0, elements: 0 });
    return reservation;
  });
  await ask('192.0.2.2').expect(503);
  held.pop()?.release();
  await ask('192.0.2.1').expect(503);
  await ask('192.0.2.2').expect(200);
});

/** What a client sends of a body, how fast, and how it ends. */
const visit = fc.record({
  kind: fc.constantFrom('small', 'large', 'lines', 'chunked'),
  parts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  isWhole: fc.boolean(),
  end: fc.constantFrom('destroy', 'end', 'stay'),
});

test('whatever clients send of bodies and streams, and however they leave, all places, bytes and numbers are free again', async (t) => {
  const { port, workers, http } = await listening(t, { BYTES_IN_FLIGHT: '2000000', STREAMS: '2', SMALL_QUEUE: '2', LARGE_QUEUE: '2' });
  const heads = { small: head(small.length), large: head(large.length), lines: head(large.length, 'x-ndjson', `${path}/batch`) };
  const chunked = heads.small.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');

  async function go({ kind, parts, isWhole, end }: typeof visit extends fc.Arbitrary<infer Visit> ? Visit : never): Promise<void> {
    const text = kind === 'small' || kind === 'chunked' ? small : large;
    const places = [0, ...parts.map((part) => Math.floor(part * text.length)).sort((a, b) => a - b), ...(isWhole ? [text.length] : [])];
    const { socket, said } = opened(t, port, kind === 'chunked' ? chunked : heads[kind]);
    for (let k = 1; k < places.length; k++) {
      const piece = text.slice(places[k - 1], places[k]);
      if (piece === '') continue;
      socket.write(kind === 'chunked' ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece);
      await sleep(1);
    }
    if (kind === 'chunked' && isWhole) socket.write('0\r\n\r\n');
    for (let waited = 0; isWhole && said() === '' && waited < 20; waited++) await sleep(10);
    if (end === 'end') socket.end();
    if (end === 'stay') await sleep(20);
    socket.destroy();
  }
  await fc.assert(
    fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 8 }), async (visits) => {
      await Promise.all(visits.map(go));
      await emptied(workers.load);
    }),
    { numRuns: 25, seed: 12 },
  );
  await postBytes(http, path, large).expect(200);
});
