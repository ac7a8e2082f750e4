import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { withStartLock } from '../../../src/http/connection/start-lock.ts';

const skip = process.platform === 'linux' ? false : 'ports are shared on Linux only';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const modules = {
  fastify: import.meta.resolve('fastify'),
  listen: new URL('../../../src/http/connection/listen.ts', import.meta.url).href,
  lock: new URL('../../../src/http/connection/start-lock.ts', import.meta.url).href,
};

/** A process that listens on the port that it is told, at the time that it is told, and says what came of it. */
const program = `
  const { default: Fastify } = await import(${JSON.stringify(modules.fastify)});
  const { listen } = await import(${JSON.stringify(modules.listen)});
  const { withStartLock } = await import(${JSON.stringify(modules.lock)});
  process.on('message', async ({ port, at }) => {
    while (performance.timeOrigin + performance.now() < at);
    process.send(await withStartLock(port, () => listen(Fastify(), '127.0.0.1', port)).then(() => 'listens', ({ code }) => code));
  });
  process.send('ready');`;

const said = async (child: ChildProcess) => (await once(child, 'message'))[0];

test('of two processes that start at the same time on one port, one listens and the other learns that it is taken', { skip }, async (t) => {
  const children = [1, 2].map(() =>
    spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  t.after(() => children.map((child) => child.kill('SIGKILL')));
  await Promise.all(children.map(said));
  // each round on another port, since those that were listened on before stay taken
  for (let round = 0; round < 8; round++) {
    const port = await freePort();
    const outcomes = Promise.all(children.map(said));
    for (const child of children) child.send({ port, at: performance.timeOrigin + performance.now() + 50 });
    assert.deepEqual((await outcomes).toSorted(), ['EADDRINUSE', 'listens']);
  }
});

test('a start waits for another one on its port, not on other ports, and goes on after one that failed', { skip }, async () => {
  const port = await freePort();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const failed = withStartLock(port, async () => {
    order.push('first begins');
    await first.promise;
    order.push('first fails');
    throw new Error('it cannot listen');
  });
  const refused = assert.rejects(failed, /it cannot listen/);
  while (order.length === 0) await new Promise(setImmediate);
  const second = withStartLock(port, async () => order.push('second'));
  await withStartLock(port === 65_535 ? 1 : port + 1, async () => order.push('other port'));
  first.resolve();
  await Promise.all([refused, second]);
  assert.deepEqual(order, ['first begins', 'other port', 'first fails', 'second']);
});
