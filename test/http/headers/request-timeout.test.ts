import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { spanOf } from '../../../src/http/headers/request-timeout.ts';
import { now } from '../../../src/tasks/deadline.ts';
import { sharedApp, startedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';
const small = JSON.stringify({ input: [[1, 2]], target: [[2, 1]] });
const row = Array.from({ length: 1000 }, (_, k) => -(k % 9));
const rows = Array(1000).fill(row);
/** Some hundred milliseconds of a thread's time. */
const large = JSON.stringify({ input: rows, target: rows, input_kind: 'log_probs', target_kind: 'logits', reduction: 'all' });

/** Computed in the same thread, in a few milliseconds. */
const next = JSON.stringify({ input: rows.slice(0, 300), target: rows.slice(0, 300), reduction: 'sum' });

/** Resolves once something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

async function listening(env: Record<string, string>) {
  const service = await sharedApp(env);
  await service.workers.start();
  return service;
}

/** The head of a POST. */
const head = (length: number, headers = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${headers}\r\n`;

async function statusOn(socket: Socket): Promise<number> {
  let text = '';
  for (;;) {
    const [chunk] = await once(socket, 'data');
    text += chunk.toString('latin1');
    const status = /^HTTP\/1\.1 (\d+) .*?\r\n\r\n/s.exec(text)?.[1];
    if (status !== undefined) return Number(status);
  }
}

for (const [what, body] of Object.entries({ small, large })) {
  test(`X-Request-Timeout: a ${what} body that is not whole by then is 504, and one that is in time is answered`, async (t) => {
    const { port, http } = await listening({ WORKERS: '1' });
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.write(`${head(body.length, 'X-Request-Timeout: 60\r\n')}${body.slice(0, 10)}`);
    assert.equal(await statusOn(socket), 504);
    await http.post(path).set({ 'content-type': 'application/json', 'x-request-timeout': '60000' }).send(body).expect(200);
  });
}

test('X-Request-Timeout: what a request waits for a thread counts', async () => {
  const { http, workers } = await listening({ WORKERS: '1' });
  const post = (timeout: string) => http.post(path).set({ 'content-type': 'application/json', 'x-request-timeout': timeout });
  const ahead = [1, 2, 3].map(() => post('60000').send(large).expect(200).then());
  await until(() => workers.load().lanes.large.waiting > 0);
  assert.equal((await post('50').send(large).expect(504)).body.code, 'DEADLINE_EXCEEDED');
  await Promise.all(ahead);
  await until(() => workers.load().bytes === 0);
});

test('X-Request-Timeout only shortens what the server allows', async (t) => {
  const { http, port } = await listening({ REQUEST_TIMEOUT_MS: '100', WORKERS: '1' });
  const post = () => http.post(path).set({ 'content-type': 'application/json', 'x-request-timeout': '3600000' });
  const answers = await Promise.all([1, 2, 3, 4].map(() => post().send(large)));
  assert.ok(answers.some(({ status, body }) => status === 504 && body.code === 'DEADLINE_EXCEEDED'));
  // without a deadline of its own, a body that does not come is the sender's fault
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(`${head(large.length)}${large.slice(0, 10)}`);
  assert.equal(await statusOn(socket), 408);
});

test('X-Request-Timeout: what a request waits before its handler counts', async (t) => {
  const { http } = await startedApp(t, {}, (app) => {
    app.addHook('preHandler', () => new Promise((resolve) => setTimeout(resolve, 200)));
  });
  const answer = await http.post(path).set({ 'content-type': 'application/json', 'x-request-timeout': '100' }).send(small).expect(504);
  assert.equal(answer.body.code, 'DEADLINE_EXCEEDED');
});

test('a deadline counts from when the request came', () => {
  const came = now() - 1500;
  const { received, deadline } = spanOf({ headers: { 'x-request-timeout': '2000' } }, { elapsedTime: 1500 }, 60_000);
  assert.ok(Math.abs(received - came) < 100);
  assert.equal(deadline, received + 2000);
});

for (const wrong of ['0', '0e9', '1e-400', '-1', '+1', '.5', '1e', '0x10', 'soon', '10s', '', 'NaN', 'Infinity', '1, 2']) {
  test(`X-Request-Timeout: "${wrong}" is refused with 400`, async () => {
    const { http } = await sharedApp({ WORKERS: '1' });
    const { body } = await http.post(path).set({ 'content-type': 'application/json', 'x-request-timeout': wrong }).send(small).expect(400);
    assert.match(body.detail, /expected X-Request-Timeout to be a number of milliseconds above 0/);
  });
}

for (const [number, ms] of Object.entries({
  '1500': 1500,
  '1500.5': 1500.5,
  '1.5e3': 1500,
  '15E+2': 1500,
  '5e-324': 5e-324,
  '1e999': 60_000,
})) {
  test(`X-Request-Timeout: ${number} is a number, as the OpenAPI document says, and allows ${ms} ms of the 60 s that the service allows`, () => {
    const { received, deadline } = spanOf({ headers: { 'x-request-timeout': number } }, { elapsedTime: 0 }, 60_000);
    assert.equal(deadline, received + ms);
  });
}

test('X-Request-Timeout ends a stream with a line that says so, and the totals', async () => {
  const { port } = await listening({ WORKERS: '1' });
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write(
    `POST ${path}/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nX-Request-Timeout: 200\r\n\r\n` +
      `${(small.length + 1).toString(16)}\r\n${small}\n\r\n`,
  );
  await once(socket, 'close');
  assert.match(text, /"status":200/);
  assert.match(text, /"status":504.*DEADLINE_EXCEEDED/);
  assert.match(text, /\{"totals":\{"lines":2,"answered":1,"refused":1\}\}/);
});

for (const timeout of ['1500', '3600000', '999999999999999']) {
  test(`X-Request-Timeout: a stream that may last ${timeout} ms is not ended at REQUEST_TIMEOUT_MS`, async (t) => {
    const { port } = await listening({ REQUEST_TIMEOUT_MS: '100', WORKERS: '1' });
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    const chunk = `${(small.length + 1).toString(16)}\r\n${small}\n\r\n`;
    socket.write(
      `POST ${path}/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n` +
        `Connection: close\r\nX-Request-Timeout: ${timeout}\r\n\r\n${chunk}`,
    );
    setTimeout(() => socket.write(`${chunk}0\r\n\r\n`), 400);
    const text = Buffer.concat(await socket.toArray()).toString();
    assert.match(text, /\{"totals":\{"lines":2,"answered":2,"refused":0\}\}/);
  });
}

/** Resolves when nothing is inside of the service any more. */
function emptied({
  load,
}: {
  load: () => { bytes: number; elements: number; lanes: Record<string, { running: number; waiting: number }> };
}) {
  return until(() => {
    const { lanes, bytes, elements } = load();
    return bytes === 0 && elements === 0 && Object.values(lanes).every(({ running, waiting }) => running + waiting === 0);
  });
}

for (const [length, what] of [
  [400_000, 'small'],
  [4_000_000, 'large'],
] as const) {
  test(`a body for the ${what} lane that was answered before it was whole leaves nothing behind when its client then goes`, async () => {
    const { port, workers } = await listening({ WORKERS: '1' });
    for (const end of ['destroy', 'end'] as const) {
      const socket = connect(port, '127.0.0.1');
      socket.write(head(length, 'X-Request-Timeout: 30\r\n') + large.slice(0, 3000));
      assert.equal(await statusOn(socket), 504);
      socket[end]();
      await emptied(workers);
    }
  });
}

test('a compressed body whose client goes while it is inflated leaves nothing behind', async () => {
  const { port, workers, http } = await listening({ WORKERS: '1' });
  const zipped = gzipSync(large);
  for (const pause of [0, 1, 2, 4, 8, 16, 32]) {
    const socket = connect(port, '127.0.0.1');
    socket.write(Buffer.concat([Buffer.from(head(zipped.length, 'Content-Encoding: gzip\r\n')), zipped]));
    await new Promise((resolve) => setTimeout(resolve, pause));
    socket.destroy();
  }
  await http.post(path).set('content-type', 'application/json').send(small).expect(200);
  await emptied(workers);
});

/** Where a client may leave: before, while and after its body, while it waits, is computed, and reads. */
const phases: Record<string, (socket: Socket) => Promise<void> | void> = {
  'after half of the head': (socket) => void socket.write(head(large.length).slice(0, 40)),
  'after the head': (socket) => void socket.write(head(large.length)),
  'after the first byte of the body': (socket) => void socket.write(`${head(large.length)}{`),
  'after a tenth of the body': (socket) => void socket.write(head(large.length) + large.slice(0, large.length / 10)),
  'after half of the body': (socket) => void socket.write(head(large.length) + large.slice(0, large.length / 2)),
  'one byte before the end of the body': (socket) => void socket.write(head(large.length) + large.slice(0, -1)),
  'when the body has been written': (socket) => new Promise((resolve) => socket.write(head(large.length) + large, () => resolve())),
  'while it waits for a thread': async (socket) => {
    socket.write(head(large.length) + large);
    await new Promise((resolve) => setTimeout(resolve, 30));
  },
  'while it is computed': async (socket) => {
    socket.write(head(large.length) + large);
    await new Promise((resolve) => setTimeout(resolve, 150));
  },
  'while it reads its answer': async (socket) => {
    socket.write(head(large.length) + large);
    await once(socket, 'readable');
  },
};

for (const [phase, begin] of Object.entries(phases)) {
  test(`a client that goes away ${phase} leaves nothing behind, and the thread is free for the next`, async () => {
    const { port, http, workers } = await listening({ WORKERS: '1' });
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    await begin(socket);
    socket.destroy();
    await emptied(workers);
    await http.post(path).set('content-type', 'application/json').send(next).expect(200);
  });
}
