import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

/** Processes and threads whose coverage is not counted start from this cache also where the coverage of others is. */
export const compileCache = process.env.NODE_COMPILE_CACHE ?? new URL('../node_modules/.cache/node', import.meta.url).pathname;

/** What a process of the service has of this one's environment. */
export const environment = { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache };

const server = new URL('../src/server.ts', import.meta.url).pathname;

/** The service as a process of its own, with flags of Node before its file, and a channel for messages. */
export function run(t: TestContext, env: Record<string, string>, flags: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...flags, server], {
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** The service as a process of its own, once it listens: its port, and its log lines as they come. */
export async function started(t: TestContext, env: Record<string, string> = {}, flags: readonly string[] = []) {
  const child = run(t, { PORT: '0', ...env }, flags);
  const lines: Record<string, unknown>[] = [];
  const log = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`exited with ${code}`)));
    log.on('line', (line) => {
      lines.push(JSON.parse(line));
      const listening = /listening at http:\/\/(?:127\.0\.0\.1|\[::1\]):(\d+)/.exec(line);
      if (listening !== null) resolve(Number(listening[1]));
    });
  });
  return { child, lines, port };
}

/** The service's own word that it has begun to close. */
export async function closing(lines: Record<string, unknown>[]): Promise<void> {
  while (!lines.some(({ msg }) => String(msg).startsWith('closing'))) await new Promise((resolve) => setTimeout(resolve, 10));
}

export const exitOf = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode === null ? (await once(child, 'exit'))[0] : child.exitCode;

/** All that comes on a connection until its end. */
export async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
