import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startedApp } from '../../helper.ts';
import { type Answer, answersTo } from '../answers.ts';
import { marker, trickyRequests } from '../tricky-requests.ts';

const isMarked = ({ headers }: Answer) => headers.get('x-request-id') === 'marker';

test('what two servers may read in two ways has one answer, a problem where it is refused, and the request behind it has its own or none', async (t) => {
  const { app } = await startedApp(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  for (const [name, { bytes, status }] of Object.entries(trickyRequests)) {
    const [answer, behind, ...more] = await answersTo(port, bytes + marker);
    assert.equal(answer?.status, status, name);
    assert.equal(isMarked(answer), false, name);
    if (status >= 400) {
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, name);
      assert.equal(JSON.parse(answer.body).status, status, name);
    }
    if (answer.headers.get('connection') === 'close') assert.equal(behind, undefined, name);
    else assert.ok(behind?.status === 200 && isMarked(behind), name);
    assert.deepEqual(more, [], name);
  }
});

const hasNginx = spawnSync('nginx', ['-v']).status === 0;

test('behind nginx the service sees the requests that nginx sees: as many of them, and each gets its own answer', {
  skip: hasNginx ? false : 'nginx is not here',
}, async (t) => {
  const { app, lines } = await startedApp(t, { LOG_LEVEL: 'debug' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port, forwarded } = await startedNginx(t, (app.server.address() as AddressInfo).port);
  const arrived = () => lines.filter(({ msg }) => msg === 'request answered' || msg === 'connection rejected').length;
  for (const [name, { bytes }] of Object.entries(trickyRequests)) {
    const [answer, behind, ...more] = await answersTo(port, bytes + marker);
    assert.ok(answer === undefined || !isMarked(answer), name);
    assert.ok(behind === undefined || (behind.status === 200 && isMarked(behind)), name);
    assert.deepEqual(more, [], name);
    // what the service was left with is not taken for the beginning of this one
    const [next] = await answersTo(port, marker);
    assert.ok(next.status === 200 && isMarked(next), name);
    // nginx writes its log after the answer
    while (forwarded() < arrived()) await sleep(5);
    assert.equal(forwarded(), arrived(), name);
  }
  assert.ok(arrived() > Object.keys(trickyRequests).length);
});

/** nginx in front of a port, with connections that it keeps; `forwarded` counts what it has sent on. */
async function startedNginx(t: TestContext, upstream: number) {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const log = join(folder, 'access.log');
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events {}
    http {
      ${own}
      log_format sent '$upstream_status';
      access_log ${log} sent;
      upstream service { server 127.0.0.1:${upstream}; keepalive 4; }
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_next_upstream off; }
      }
    }`,
  );
  const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => nginx.once('exit', resolve));
  t.after(async () => {
    nginx.kill();
    await ended;
    rmSync(folder, { recursive: true });
  });
  while (!(await accepts(port))) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended: ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
    await sleep(10);
  }
  return { port, forwarded: () => readFileSync(log, 'utf8').match(/\d{3}/g)?.length ?? 0 };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
