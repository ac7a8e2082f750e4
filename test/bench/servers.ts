import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endChild, freePort, hasEnded, startChild } from './child.ts';
import { build, type Program } from './native.ts';
import { findPython } from './python.ts';

export type Server = { readonly name: string; readonly origin: string; readonly pid: number; readonly child: ChildProcess };

type Command = { readonly command: string; readonly args: readonly string[] };

/** Importing PyTorch takes seconds where the disk is slow. */
const startTimeoutMs = 120_000;

/** As `npm start` and the image start it: with what was compiled before, and a young generation of 24 MB. */
const asStarted = ['--max-semi-space-size=8'];
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));

/** How each competitor is started on a port, or why it cannot be. */
const competitors = {
  ours: node('../../src/server.ts', asStarted),
  bare: node('./servers/bare.ts'),
  constant: node('./servers/constant.ts'),
  receive: node('./servers/receive.ts'),
  parse: node('./servers/parse.ts'),
  stringify: node('./servers/stringify.ts'),
  typical: node('./servers/typical.ts'),
  idiomatic: uvicorn('idiomatic'),
  tuned: uvicorn('tuned'),
  rust: native('fast'),
  axum: native('usual'),
  go: native('go'),
} satisfies Record<string, (port: number) => Command | string>;

export type Competitor = keyof typeof competitors;

export type Started = { readonly servers: readonly Server[]; readonly absent: Readonly<Record<string, string>> };

/** Starts competitors, runs `use` when all of them listen, and ends them. */
export async function withServers<T>(
  names: readonly Competitor[],
  env: Record<string, string>,
  use: (started: Started) => Promise<T>,
): Promise<T> {
  const servers: Server[] = [];
  const absent: Record<string, string> = {};
  try {
    for (const name of names) {
      const server = await launch(name, env);
      if (typeof server === 'string') absent[name] = server;
      else servers.push(server);
    }
    await Promise.all(servers.map(listening));
    return await use({ servers, absent });
  } finally {
    await Promise.all(servers.map(({ child }) => endChild(child)));
  }
}

/** Our server listening, with flags of Node before its file and a channel for messages; to be ended by the caller. */
export function startOurs(flags: readonly string[] = [], env: Record<string, string> = {}): Promise<Server> {
  return startNode('ours', flags, env);
}

/** A server that reports the delay of its event loop; to be ended by the caller. */
export function startWithLoopDelay(name: 'ours' | 'receive'): Promise<Server> {
  return startNode(name, ['--import', new URL('./servers/loop-delay.ts', import.meta.url).href]);
}

async function startNode(name: 'ours' | 'receive', flags: readonly string[], env: Record<string, string> = {}): Promise<Server> {
  const port = await freePort();
  const { command, args } = competitors[name](port);
  const child = startChild(command, [...flags, ...args], environmentOf(port, env), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const server = serverOf(name, port, child);
  await listening(server);
  return server;
}

/** Keeps a process, with all of its threads, on one core. */
export async function pin({ pid }: ChildProcess, core: number): Promise<void> {
  const [status] = await once(startChild('taskset', ['-a', '-c', '-p', String(core), String(pid)]), 'exit');
  if (status !== 0) throw new Error(`a process cannot be kept on core ${core}`);
}

/** Resolves when a server takes connections. */
export async function listening({ name, origin, child }: Server): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!(await accepts(Number(new URL(origin).port)))) {
    if (hasEnded(child)) throw new Error(`${name} ended before it listened`);
    if (performance.now() > deadline) throw new Error(`${name} does not listen`);
    await sleep(2);
  }
}

async function launch(name: Competitor, env: Record<string, string>): Promise<Server | string> {
  const port = await freePort();
  const how = competitors[name](port);
  if (typeof how === 'string') return how;
  return serverOf(name, port, startChild(how.command, how.args, environmentOf(port, env)));
}

function environmentOf(port: number, env: Record<string, string>): Record<string, string> {
  return { LOG_LEVEL: 'info', NODE_COMPILE_CACHE: compileCache, ...env, PORT: String(port) };
}

/** A process that listens on a port, or will. */
export function serverOf(name: string, port: number, child: ChildProcess): Server {
  if (child.pid === undefined) throw new Error(`${name} cannot be started`);
  return { name, origin: `http://127.0.0.1:${port}`, pid: child.pid, child };
}

function node(file: string, flags: readonly string[] = []): (port: number) => Command {
  return () => ({ command: process.execPath, args: [...flags, fileURLToPath(new URL(file, import.meta.url))] });
}

/** A program of `peers/` that takes its port from the environment. */
function native(program: Program): () => Command | string {
  return () => {
    const built = build(program);
    return typeof built === 'string' ? built : { command: built.path, args: [] };
  };
}

function uvicorn(module: string): (port: number) => Command | string {
  return (port) => {
    const python = findPython();
    if (typeof python === 'string') return python;
    const folder = fileURLToPath(new URL('./peers', import.meta.url));
    const flags = '--loop uvloop --http httptools --no-access-log --log-level warning --timeout-keep-alive 75'.split(' ');
    return {
      command: python.path,
      args: ['-B', '-W', 'ignore', '-m', 'uvicorn', `${module}:app`, '--app-dir', folder, '--port', String(port), ...flags],
    };
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
