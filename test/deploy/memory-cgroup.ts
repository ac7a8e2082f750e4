import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const root = '/sys/fs/cgroup';
const server = new URL('../../src/server.ts', import.meta.url).pathname;

/** What the image tells the allocator. */
const allocator = Object.fromEntries(
  readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    .matchAll(/\b(MALLOC_\w+)=(\d+)/g)
    .map(([, name, value]) => [name, value]),
);

/** The files of a memory cgroup, by its version. */
const versions = {
  1: {
    folder: `${root}/memory`,
    limits: ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'],
    peak: 'memory.max_usage_in_bytes',
    kills: 'memory.oom_control',
  },
  2: { folder: root, limits: ['memory.max'], peak: 'memory.peak', kills: 'memory.events' },
} as const;

type Version = (typeof versions)[keyof typeof versions];

/** The service in a memory cgroup of its own. */
export type ConfinedService = {
  readonly url: string;
  /** Why the service is not alive and well any more: killed for memory, or ended. Undefined while it lives. */
  readonly death: () => string | undefined;
  /** The most bytes that it has had. */
  readonly peak: () => number;
  readonly end: () => Promise<void>;
};

/** Why no memory cgroup can be made here; undefined where it can. */
export function cgroupsMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'memory cgroups are for root on Linux';
  const version = versionHere();
  if (version === undefined) return 'no memory controller is mounted at /sys/fs/cgroup';
  try {
    const folder = makeCgroup(version, 2 ** 28);
    rmdirSync(folder);
    return undefined;
  } catch (error) {
    return `memory cgroups cannot be made here: ${(error as Error).message}`;
  }
}

let made = 0;

/** Starts the service as the image does, in a memory cgroup of so many bytes. */
export async function startConfined(bytes: number, env: Readonly<Record<string, string>> = {}): Promise<ConfinedService> {
  const version = versionHere();
  if (version === undefined) throw new Error('no memory cgroups are here');
  const folder = makeCgroup(version, bytes);
  const script = `echo $$ > ${folder}/cgroup.procs && exec "$@"`;
  const child = spawn(
    'sh',
    ['-c', script, 'sh', process.execPath, '--max-old-space-size-percentage=50', '--max-semi-space-size=8', server],
    {
      env: { PATH: process.env.PATH, PORT: '0', ...allocator, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const kills = () => Number(/^oom_kill (\d+)/m.exec(readFileSync(`${folder}/${version.kills}`, 'utf8'))?.[1] ?? 0);
  const endOf = () => child.exitCode ?? child.signalCode;
  const death = () => (kills() > 0 ? 'the kernel killed it for memory' : endOf() === null ? undefined : `it ended with ${endOf()}`);

  async function end(): Promise<void> {
    if (endOf() === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    // the kernel takes a moment to see that a cgroup is empty
    for (let left = 50; existsSync(folder); left--) {
      try {
        rmdirSync(folder);
      } catch (error) {
        if (left === 0) throw error;
        await sleep(20);
      }
    }
  }
  try {
    return { url: await listening(child), death, peak: () => Number(readFileSync(`${folder}/${version.peak}`, 'utf8')), end };
  } catch (error) {
    await end();
    throw error;
  }
}

function versionHere(): Version | undefined {
  if (existsSync(`${versions[1].folder}/${versions[1].limits[0]}`)) return versions[1];
  const controllers = `${root}/cgroup.controllers`;
  return existsSync(controllers) && readFileSync(controllers, 'utf8').split(/\s/).includes('memory') ? versions[2] : undefined;
}

function makeCgroup(version: Version, bytes: number): string {
  const folder = `${version.folder}/kl-divergence-${process.pid}-${++made}`;
  if (version === versions[2]) writeFileSync(`${root}/cgroup.subtree_control`, '+memory');
  mkdirSync(folder);
  try {
    for (const limit of version.limits) if (existsSync(`${folder}/${limit}`)) writeFileSync(`${folder}/${limit}`, String(bytes));
    if (version === versions[2] && existsSync(`${folder}/memory.swap.max`)) writeFileSync(`${folder}/memory.swap.max`, '0');
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  return folder;
}

/** Resolves to the address that the log names. */
function listening(child: ChildProcess): Promise<string> {
  const log = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the service ended with ${code ?? signal} before it listened`)));
    log.on('line', (line) => {
      const found = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(line);
      if (found !== null) resolve(found[1]);
    });
  });
}
