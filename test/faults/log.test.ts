import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leftOut } from '../cases.ts';
import { environment, exitOf, textOf } from '../service-process.ts';

const server = new URL('../../src/server.ts', import.meta.url).pathname;
const flags = ['--import', new URL('./throws-later.ts', import.meta.url).href];
const body = JSON.stringify({ input: [1, 2], target: [2, 1] });

/** A service whose log goes to `output`; as its log cannot say where it listens, the port is chosen here. */
async function startedWith(t: TestContext, output: number | 'pipe') {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as { port: number };
  free.close();
  await once(free, 'close');
  const child = spawn(process.execPath, [...flags, server], {
    env: { ...environment, PORT: String(port), SHUTDOWN_DELAY_MS: '0' },
    stdio: ['ignore', output, 'pipe', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  const said = { text: '' };
  child.stderr?.on('data', (chunk) => {
    said.text += chunk;
  });
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  const post = async () =>
    (await fetch(`http://127.0.0.1:${port}/v1/kl-divergence`, { method: 'POST', body, headers: { 'content-type': 'application/json' } }))
      .status;
  for (let isUp = false; !isUp; await sleep(20)) {
    assert.equal(child.exitCode, null, said.text);
    isUp = await get('/livez').then(Boolean, () => false);
  }
  const lost = async () => Number(/^kl_log_lines_lost_total (\d+)$/m.exec(await get('/metrics'))?.[1]);
  return { child: child as ChildProcess, port, said, get, post, lost };
}

type Started = Awaited<ReturnType<typeof startedWith>>;

/** What comes back for so many requests that are sent at once on one connection. */
async function answersTo(port: number, path: string, count: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const head = `GET ${path} HTTP/1.1\r\nHost: a\r\n`;
  socket.write(`${`${head}\r\n`.repeat(count - 1)}${head}Connection: close\r\n\r\n`);
  return textOf(socket);
}

/** Requests until at least 100 lines are lost: pipes and the service keep thousands for a reader that stalls. */
async function flood({ child, port, post, get, said, lost }: Started): Promise<void> {
  for (let sent = 0; sent < 20_000; sent += 250) {
    for (let few = 0; few < 25; few++) {
      const [status, text] = await Promise.all([post(), answersTo(port, `/${'a'.repeat(200)}`, 9)]);
      assert.equal(status, 200);
      assert.equal(text.match(/"status":404/g)?.length, 9);
    }
    assert.match(await get('/livez'), /live/);
    assert.equal(child.exitCode, null, said.text);
    if ((await lost()) >= 100) return;
  }
  assert.fail('no line was lost');
}

/** How a log fails; `break` is called once the service is up. */
const failures: Record<
  string,
  { readonly output: () => number | 'pipe'; readonly break?: (child: ChildProcess) => void; readonly reason: RegExp }
> = {
  'a full device': { output: () => openSync('/dev/full', 'w'), reason: /it fails with ENOSPC/ },
  'a reader that has gone': { output: () => 'pipe', break: ({ stdout }) => stdout?.destroy(), reason: /it fails with EPIPE/ },
  'a reader that stalls': { output: () => 'pipe', reason: /its reader is too slow|nothing read it/ },
};

for (const [what, { output, break: breakIt, reason }] of Object.entries(failures)) {
  test(`with ${what} behind the log every request is answered, lost lines are counted, and SIGTERM ends the process with 0`, {
    // the tests of src/telemetry have the other two in one process
    skip: process.platform === 'linux' ? what !== 'a reader that stalls' && leftOut : 'no /dev/full here',
  }, async (t) => {
    const to = output();
    const service = await startedWith(t, to);
    if (to !== 'pipe') closeSync(to);
    breakIt?.(service.child);
    await flood(service);
    assert.match(service.said.text, /^kl-divergence-api: log lines lost: \d+; standard output takes no more: .*\n/);
    assert.match(service.said.text, reason);
    service.child.kill('SIGTERM');
    assert.equal(await exitOf(service.child), 0);
  });

  test(`with ${what} behind the log an uncaught exception is told on standard error, and the process answers, drains and exits with 1`, {
    skip: process.platform === 'linux' ? what !== 'a reader that has gone' && leftOut : 'no /dev/full here',
  }, async (t) => {
    const to = output();
    const service = await startedWith(t, to);
    if (to !== 'pipe') closeSync(to);
    breakIt?.(service.child);
    if (what === 'a reader that stalls') await flood(service);
    service.child.send('exception');
    assert.equal(await exitOf(service.child), 1);
    assert.match(service.said.text, /"level":60,.*an exception that nobody catches/);
  });
}
