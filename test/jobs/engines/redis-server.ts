import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The server to test with: Redis, or another that takes its options. */
const program = process.env.REDIS_SERVER ?? 'redis-server';

export const noRedis = spawnSync(program, ['--version']).status === 0 ? false : 'no redis-server is installed here; .ci/run installs it';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A Redis of its own, which writes down what it is told, and finds it again when it is started anew. */
export async function startedRedis(more: readonly string[] = []) {
  const directory = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = await freePort();
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'yes'];
  // by itself it has a replica wait 5 s, in case another one comes
  const options = [...own, '--repl-diskless-sync-delay', '0', ...more];
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) if (/Ready to accept/i.test(line)) break;
    child.stdout?.resume();
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Does not answer until it goes on, with its connections open. */
  function pause(): () => void {
    child.kill('SIGSTOP');
    return () => void child.kill('SIGCONT');
  }

  await start();
  return { pause, url: `redis://127.0.0.1:${port}`, start, kill, remove: () => rmSync(directory, { recursive: true }) };
}
