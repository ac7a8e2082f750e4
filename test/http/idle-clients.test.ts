import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leftOut } from '../cases.ts';
import { skip as noNginx, startNginx } from '../deploy/nginx.ts';
import { startedApp } from '../helper.ts';
import { type RawConnection, rawConnection } from './raw-connection.ts';

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
  /** Begins to count requests; what it returns waits for one of each connection. */
  const counted = () => {
    const before = requests;
    return async (connections: readonly RawConnection[]) => {
      for (let looks = 0; looks < 6_000; looks++) {
        if (requests - before >= connections.length) return;
        for (const { assertOpen } of connections) assertOpen();
        await sleep(10);
      }
      assert.fail(`after a minute ${requests - before} of ${connections.length} requests have come`);
    };
  };
  return { workers, port, counted };
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

/** Resolves when nothing is held of any budget, and fails where something still is after a minute. */
async function emptied({ load }: Awaited<ReturnType<typeof startedApp>>['workers']): Promise<void> {
  for (let looks = 0; looks < 6_000; looks++) {
    const { lanes, bytes, elements } = load();
    if (bytes === 0 && elements === 0 && Object.values(lanes).every(({ running, waiting }) => running + waiting === 0)) return;
    await sleep(10);
  }
  assert.fail(`something is held of a budget: ${JSON.stringify(load())}`);
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
        const connections = await Promise.all(lengths.map((length) => rawConnection(t, port, announced(length, begin))));
        if (!holds) await reached(connections);
        await assertServed(port);
        for (const { socket } of connections) socket.destroy();
        await emptied(workers);
      });
    }

    await t.test('1 000 connections of every lane that send one byte of their bodies keep no request from its answer', async (t) => {
      const reached = counted();
      const lengths = [100, 40_000, 2 ** 20, 2 ** 24];
      const connections: RawConnection[] = [];
      // no faster than the service accepts connections: nginx waits a second for each
      while (connections.length < 1000) {
        const more = Array.from({ length: 100 }, (_, k) => rawConnection(t, port, announced(lengths[k % 4], '{')));
        connections.push(...(await Promise.all(more)));
        if (!holds) await reached(connections);
      }
      await assertServed(port);
      for (const { socket } of connections) socket.destroy();
      await emptied(workers);
    });

    await t.test('32 silent streams give their places to streams that have lines, the longest silent first', async (t) => {
      const open = async () => {
        const stream = await rawConnection(t, port, streamHead);
        await stream.until(/^HTTP\/1\.1 200 /);
        return stream;
      };
      const silent = [];
      for (let count = 0; count < 32; count++) silent.push(await open());
      for (const id of [0, 1, 2]) {
        const { socket, until } = await open();
        socket.write(`${line(id)}0\r\n\r\n`);
        await silent[id].until(/"status":408.*"code":"REQUEST_TIMEOUT".*\n.*"totals":\{"lines":1,"answered":0,"refused":1\}/s);
        await until(new RegExp(`"id":${id},"status":200`));
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
