import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { leftOut } from './cases.ts';
import { closing, environment, exitOf, run, started, textOf } from './service-process.ts';

const request = JSON.stringify({ input: [1, 2], target: [2, 1] });

/** A POST whose body has arrived by half; the rest is to be written. */
async function halfSent(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `POST /v1/kl-divergence HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${request.length}\r\n\r\n${request.slice(0, 10)}`,
  );
  return socket;
}

/** Whether somebody listens at a port. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

/** Of what one part of the service complains about in the same way, `npm test` tries one. */
for (const [name, env, complaint, skip = false] of [
  ['a port that is none', { PORT: 'abc' }, /^kl-divergence-api: PORT must be an integer from 0 to 65535, not "abc"\n$/, leftOut],
  ['two bad values', { LOG_LEVEL: 'loud', MAX_ELEMENTS: '0' }, /^kl-divergence-api: LOG_LEVEL must .*; MAX_ELEMENTS must .*\n$/],
  ['an address that others reach, with nobody asked', { HOST: '0.0.0.0' }, /^kl-divergence-api: HOST is reachable .* AUTH=none .*\n$/],
  [
    'a file of keys that is not there',
    { API_KEYS_FILE: '/none.json', API_KEYS_SECRET: 's'.repeat(32) },
    /^kl-divergence-api: the API keys in \/none\.json .*\n$/,
  ],
  [
    'a folder of jobs that is a file',
    { JOB_SOURCES: 'file:///data/', JOBS_DIR: import.meta.filename },
    /^kl-divergence-api: JOBS_DIR cannot be used: EEXIST: .*\n$/,
  ],
  [
    'a folder of jobs that cannot be made',
    { JOB_SOURCES: 'file:///data/', JOBS_DIR: '/proc/x' },
    /^kl-divergence-api: JOBS_DIR cannot be used: ENOENT: .* mkdir '\/proc\/x'\n$/,
  ],
  [
    'a folder of jobs below a file',
    { JOB_SOURCES: 'file:///data/', JOBS_DIR: `${import.meta.filename}/x` },
    /^kl-divergence-api: JOBS_DIR cannot be used: EEXIST: .*\n$/,
    leftOut,
  ],
  [
    'a file of keys that is a folder',
    { API_KEYS_FILE: import.meta.dirname, API_KEYS_SECRET: 's'.repeat(32) },
    /^kl-divergence-api: the API keys in .* cannot be used: EISDIR: .*\n$/,
    leftOut,
  ],
  ['an address that is not here', { HOST: '192.0.2.1', AUTH: 'none' }, /^kl-divergence-api: cannot listen on 192\.0\.2\.1:3000: .*\n$/],
] as const) {
  test(`${name}: the process says so in one line and exits with 1`, { skip }, async (t) => {
    const child = run(t, env);
    let complained = '';
    child.stderr?.on('data', (chunk) => {
      complained += chunk;
    });
    assert.equal(await exitOf(child), 1);
    assert.match(complained, complaint);
  });
}

test('a port that is taken: the process says so in one line and exits with 1', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const child = run(t, { PORT: String((other.address() as AddressInfo).port) });
  let complained = '';
  child.stderr?.on('data', (chunk) => {
    complained += chunk;
  });
  assert.equal(await exitOf(child), 1);
  assert.match(complained, /^kl-divergence-api: cannot listen on .*EADDRINUSE.*\n$/);
});

test('threads that cannot start: the process says so, and not that it cannot listen, and exits with 1', async (t) => {
  const broken = `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new Error('broken');`;
  const child = run(t, { PORT: '0' }, ['--import', `data:text/javascript,${encodeURIComponent(broken)}`]);
  let complained = '';
  child.stderr?.on('data', (chunk) => {
    complained += chunk;
  });
  assert.equal(await exitOf(child), 1);
  assert.match(complained, /^kl-divergence-api: cannot start the worker threads: .*\n$/);
});

const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

test('on a terminal it says in one line where it and its documentation are', {
  skip: hasScript ? false : 'no script(1) here',
}, async (t) => {
  const server = new URL('../src/server.ts', import.meta.url).pathname;
  const child = spawn('script', ['-qec', `exec "${process.execPath}" "${server}"`, '/dev/null'], {
    env: { ...environment, PORT: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('\n')) break;
  }
  const [, origin] = /^KL divergence is served at (http:\/\/127\.0\.0\.1:\d+), with its documentation at \1\/docs\r?\n$/.exec(said) ?? [];
  assert.ok(origin !== undefined, said);
  assert.equal((await fetch(`${origin}/docs`)).status, 200);
});

test('after SIGTERM /readyz is 503, a request in flight is answered, and the process exits with 0', async (t) => {
  const { child, lines, port } = await started(t, { SHUTDOWN_DELAY_MS: '1000' });
  const inFlight = await halfSent(port);
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
  child.kill('SIGTERM');
  await closing(lines);
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
  inFlight.end(request.slice(10));
  const answer = await textOf(inFlight);
  assert.equal(status, 503);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /connection: close/i);
  assert.match(answer, /"distribution_mean":/);
  assert.equal(await exitOf(child), 0);
});

test('neither silent connections nor idle ones keep the process from leaving', async (t) => {
  const { child, port } = await started(t, { SHUTDOWN_DELAY_MS: '0' });
  const silent = connect(port, '127.0.0.1');
  const halfHeader = connect(port, '127.0.0.1');
  await Promise.all([once(silent, 'connect'), once(halfHeader, 'connect')]);
  halfHeader.write('GET /livez HTTP/1.1\r\nHost');
  // fetch keeps its connection alive
  await fetch(`http://127.0.0.1:${port}/livez`);
  for (const socket of [silent, halfHeader]) socket.on('error', () => undefined);
  child.kill('SIGTERM');
  assert.equal(await exitOf(child), 0);
});

test('an answer that a slow reader is still receiving when SIGTERM comes arrives whole', async (t) => {
  const { child, lines, port } = await started(t, { SHUTDOWN_DELAY_MS: '0' });
  // an answer of 20 MB, far more than sockets buffer
  const data = Array.from({ length: 1_000_000 }, (_, k) => k % 1000);
  const big = JSON.stringify({
    input: { shape: [1_000_000], data },
    target: { shape: [1_000_000], data: data.toReversed() },
    reduction: 'none',
  });
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST /v1/kl-divergence HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${big.length}\r\n\r\n${big}`,
  );
  await once(socket, 'readable');
  child.kill('SIGTERM');
  await closing(lines);
  const answer = await textOf(socket);
  const length = Number(/content-length: (\d+)/i.exec(answer)?.[1]);
  assert.ok(length > 10_000_000);
  assert.equal(answer.length - (answer.indexOf('\r\n\r\n') + 4), length);
  assert.equal(await exitOf(child), 0);
});

test('after SIGTERM a stream goes on until its end, and the process exits with 0', async (t) => {
  const { child, lines, port } = await started(t, { SHUTDOWN_DELAY_MS: '0' });
  const socket = connect(port, '127.0.0.1');
  const chunk = `${(request.length + 1).toString(16)}\r\n${request}\n\r\n`;
  const head = 'Host: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked';
  socket.write(`POST /v1/kl-divergence/batch HTTP/1.1\r\n${head}\r\n\r\n${chunk}`);
  await once(socket, 'readable');
  child.kill('SIGTERM');
  await closing(lines);
  socket.write(`${chunk}0\r\n\r\n`);
  assert.match(await textOf(socket), /\{"totals":\{"lines":2,"answered":2,"refused":0\}\}/);
  assert.equal(await exitOf(child), 0);
});

test('a thread of jobs that hangs keeps neither the port open nor the process from leaving', async (t) => {
  const jobsDir = mkdtempSync(join(tmpdir(), 'jobs-'));
  t.after(() => rmSync(jobsDir, { recursive: true }));
  const hang = `
    import { parentPort, workerData } from 'node:worker_threads';
    if (workerData?.jobsDir !== undefined) {
      parentPort.on('message', ({ method }) => method === 'stop' && Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    }`;
  const env = { SHUTDOWN_DELAY_MS: '0', REQUEST_TIMEOUT_MS: '3000', JOB_SOURCES: 'file:///data/', JOBS_DIR: jobsDir };
  const { child, port } = await started(t, env, ['--import', `data:text/javascript,${encodeURIComponent(hang)}`]);
  const inFlight = await halfSent(port);
  child.kill('SIGTERM');
  while (await accepts(port)) await new Promise((resolve) => setTimeout(resolve, 10));
  inFlight.end(request.slice(10));
  assert.match(await textOf(inFlight), /^HTTP\/1\.1 200 /);
  assert.equal(await exitOf(child), 0);
});

test('a signal while the threads start ends the process with 0, and tells of no thread as lost', async (t) => {
  // as soon as somebody listens to it
  const interrupt = `
    import { isMainThread } from 'node:worker_threads';
    if (isMainThread) {
      const looking = setInterval(() => {
        if (process.listenerCount('SIGINT') === 0) return;
        clearInterval(looking);
        process.kill(process.pid, 'SIGINT');
      }, 1);
    }`;
  const child = run(t, { PORT: '0', WORKERS: '4' }, ['--import', `data:text/javascript,${encodeURIComponent(interrupt)}`]);
  const log = textOf(child.stdout as unknown as Socket);
  assert.equal(await exitOf(child), 0);
  assert.match(await log, /"signal":"SIGINT"/);
  assert.doesNotMatch(await log, /lost|listening/);
});

test('a second signal ends the process at once, with 1', async (t) => {
  const { child, lines, port } = await started(t);
  const inFlight = await halfSent(port);
  inFlight.on('error', () => undefined);
  child.kill('SIGTERM');
  await closing(lines);
  child.kill('SIGTERM');
  assert.equal(await exitOf(child), 1);
});
