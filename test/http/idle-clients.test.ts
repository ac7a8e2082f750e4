import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leftOut } from '../cases.ts';
import { skip as noNginx, startNginx } from '../deploy/nginx.ts';
import { startedApp } from '../helper.ts';

const path = '/v1/kl-divergence';
const logits = (count: number) => Array.from({ length: count }, (_, k) => Math.sin(k));
const bodyOf = (count: number) => JSON.stringify({ input: logits(count), target: logits(count).toReversed() });

/** One for each lane: on the event loop, in the thread for small bodies, and in those for large ones. */
const ordinary = { tiny: bodyOf(2), small: bodyOf(5_000), large: bodyOf(40_000) };

const withoutBuffering = (text: string) => text.replace('proxy_request_buffering on;', 'proxy_request_buffering off;');

/** How clients come to the service: `through` returns their port; with `holds`, a body reaches the service only when it has come whole. */
type Way = {
  readonly skip: string | false;
  readonly holds: boolean;
  readonly through: (t: TestContext, port: number) => Promise<number>;
};

const ways: Record<string, Way> = {
  'without a proxy': { skip: false, holds: false, through: async (_t, port) => port },
  'through nginx, which buffers requests': { skip: noNginx, holds: true, through: (t, port) => startNginx(t, [port]) },
  'through nginx, which does not buffer': {
    skip: noNginx || leftOut,
    holds: false,
    through: (t, port) => startNginx(t, [port], withoutBuffering),
  },
};

async function listening(t: TestContext, through: (t: TestContext, port: number) => Promise<number>, env: Record<string, string> = {}) {
  const { app, workers } = await startedApp(t, { LOG_LEVEL: 'silent', WORKERS: '2', ...env });
  await workers.start();
  await app.listen({ port: 0, host: '127.0.0.1' });
  let requests = 0;
  app.server.on('request', () => requests++);
  const port = await through(t, (app.server.address() as AddressInfo).port);
  /** Begins to count requests; what it returns waits for so many of them. */
  const counted = () => {
    const before = requests;
    return async (count: number) => {
      while (requests - before < count) await sleep(10);
    };
  };
  return { workers, port, counted };
}

/** A connection on which so much has been written, and nothing more will be. */
async function idle(t: TestContext, port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const announced = (length: number, begin = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${begin}`;

/** Every ordinary request is answered, one after the other and all at once. */
async function assertServed(port: number): Promise<void> {
  const ask = async (body: string) => {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    assert.equal(reply.status, 200, await reply.text());
  };
  for (const body of Object.values(ordinary)) await ask(body);
  await Promise.all([...Object.values(ordinary), ...Object.values(ordinary)].map(ask));
}

/** Resolves when nothing is held of any budget. */
async function emptied({ load }: Awaited<ReturnType<typeof startedApp>>['workers']): Promise<void> {
  for (;;) {
    const { lanes, bytes, elements } = load();
    if (bytes === 0 && elements === 0 && Object.values(lanes).every(({ running, waiting }) => running + waiting === 0)) return;
    await sleep(10);
  }
}

for (const [way, { skip, holds, through }] of Object.entries(ways)) {
  test(way, { skip }, async (t) => {
    const { port, workers, counted } = await listening(t, through);
    for (const [what, begin] of [
      ['nothing', ''],
      ['one byte', '{'],
    ]) {
      await t.test(`83 connections that announce bodies and send ${what} of them keep no request from its answer`, async (t) => {
        const reached = counted();
        const lengths = [...Array(18).fill(2 ** 20), ...Array(65).fill(40_000)];
        const sockets = await Promise.all(lengths.map((length) => idle(t, port, announced(length, begin))));
        if (!holds) await reached(sockets.length);
        await assertServed(port);
        for (const socket of sockets) socket.destroy();
        await emptied(workers);
      });
    }

    await t.test('1 000 connections of every lane that send one byte of their bodies keep no request from its answer', async (t) => {
      const reached = counted();
      const lengths = [100, 40_000, 2 ** 20, 2 ** 24];
      const sockets: Socket[] = [];
      // no faster than the service accepts connections: nginx waits a second for each
      while (sockets.length < 1000) {
        sockets.push(...(await Promise.all(Array.from({ length: 100 }, (_, k) => idle(t, port, announced(lengths[k % 4], '{'))))));
        if (!holds) await reached(sockets.length);
      }
      await assertServed(port);
      for (const socket of sockets) socket.destroy();
      await emptied(workers);
    });

    await t.test('32 silent streams give their places to streams that have lines, the longest silent first', async (t) => {
      const open = async () => {
        const socket = await idle(t, port, streamHead);
        const [first] = await once(socket, 'data');
        assert.match(String(first), /^HTTP\/1\.1 200 /);
        return { socket, text: textOf(socket) };
      };
      const silent = [];
      for (let count = 0; count < 32; count++) silent.push(await open());
      for (const id of [0, 1, 2]) {
        const { socket, text } = await open();
        socket.write(`${line(id)}0\r\n\r\n`);
        assert.match(await silent[id].text, /"status":408.*"code":"REQUEST_TIMEOUT".*\n.*"totals":\{"lines":1,"answered":0,"refused":1\}/s);
        assert.match(await text, new RegExp(`"id":${id},"status":200`));
        socket.destroy();
        // its place is free again: the next needs one more
        silent.push(await open());
      }
      assert.equal(workers.load().lanes.stream.running, 32);
      await assertServed(port);
      for (const { socket } of silent) socket.destroy();
      await emptied(workers);
    });
  });
}

const streamHead = `POST ${path}/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n`;

function line(id: number): string {
  const text = `${JSON.stringify({ id, input: [1, 2], target: [2, 1] })}\n`;
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** What comes on a connection until its answer or the connection ends. */
function textOf(socket: Socket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.endsWith('0\r\n\r\n')) resolve(text);
    });
    socket.once('close', () => resolve(text));
  });
}
