import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

export const configuration = readFileSync(new URL('../../deploy/nginx.conf', import.meta.url), 'utf8');

/** Why tests with nginx are skipped, if they are. */
export const skip = spawnSync('nginx', ['-v']).error === undefined ? false : 'nginx is not here';

/** The nginx of deploy/nginx.conf in front of replicas on these ports; the port that it listens on. `change` changes the configuration. */
export async function startNginx(
  t: TestContext,
  replicas: readonly number[],
  change: (text: string) => string = (text) => text,
): Promise<number> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  chmodSync(folder, 0o777);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, change(inFrontOf(replicas.length > 0 ? replicas : [await freePort()], port, folder)));
  const child = spawn('nginx', ['-c', file, '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => ended(child));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  while (
    !(await fetch(`http://127.0.0.1:${port}/nginx-health`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    assert.ok(isRunning(child), `nginx ended: ${said}`);
    await sleep(20);
  }
  return port;
}

/** The configuration with its files in a folder of the test, and replicas by port: nginx before 1.27.3 cannot follow their name. */
function inFrontOf(replicas: readonly number[], port: number, folder: string): string {
  const servers = replicas.map((replica) => `server 127.0.0.1:${replica} max_fails=0;`).join(' ');
  return configuration
    .replace(/server replica:3000 resolve max_fails=0;/, servers)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replaceAll('/tmp/', `${folder}/`)
    .replace('/dev/stdout', `${folder}/access.log`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function ended(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
