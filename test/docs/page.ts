import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedApp } from '../helper.ts';

/** A page of documentation, by its path from the root of the repository. */
export function docPage(path: string) {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

  /** Returns the text under a heading, up to the next heading of its level or above. */
  function section(heading: string): string {
    const [, level, body] = new RegExp(`^(##+) ${heading}\n(.*)`, 'ms').exec(text) ?? assert.fail(`${path} has no heading ${heading}`);
    return body.split(new RegExp(`^#{2,${level.length}} `, 'm'))[0];
  }

  /** Returns the fenced blocks of a language under a heading, in order. */
  function blocks(language: string, heading: string): string[] {
    return [...section(heading).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block);
  }

  /** Returns the line of a shell block under a heading that begins with `start`. */
  function command(heading: string, start: string): string {
    const lines = blocks('sh', heading).flatMap((block) => block.split('\n'));
    return lines.find((line) => line.startsWith(start)) ?? '';
  }

  return { text, section, blocks, command };
}

/** A caller's folder with the committed document in it, gone when this process ends. */
export function folderWithDocument(): string {
  const folder = mkdtempSync(join(tmpdir(), 'typed-client-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  cpSync(new URL('../../openapi/openapi.json', import.meta.url), join(folder, 'openapi/openapi.json'));
  return folder;
}

/** The address of the service, which ends with the tests of a file. */
export const listening = async (): Promise<string> => `http://127.0.0.1:${(await sharedApp()).port}`;

const samples = new URL('../fixtures/safetensors/', import.meta.url).href;

/** The address of a service with jobs over the files below `samples`. */
export async function listeningForJobs(): Promise<{ address: string; samples: string }> {
  jobsFolder ??= mkdtempSync(join(tmpdir(), 'jobs-'));
  const { port } = await sharedApp({ JOB_SOURCES: samples, JOBS_DIR: jobsFolder, JOB_WORKERS: '1' });
  return { address: `http://127.0.0.1:${port}`, samples };
}

let jobsFolder: string | undefined;
process.once('exit', () => jobsFolder !== undefined && rmSync(jobsFolder, { recursive: true }));

/** What a program prints, on both of its streams, and how it ends. The service answers meanwhile. */
export async function run(name: string, args: readonly string[], { cwd, path = [] }: { cwd?: string; path?: readonly string[] } = {}) {
  const child = spawn(name, args, {
    cwd,
    env: { ...process.env, PATH: [...path, process.env.PATH].join(':') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  return { status, out, err };
}

/** The Python here that has some modules. */
export function pythonWith(...modules: readonly string[]): string | undefined {
  return ['python3', 'python'].find((name) => spawnSync(name, ['-c', `import ${modules.join(', ')}`]).status === 0);
}

/** What a Python program writes, in some folder. */
export async function printedBy(name: string, code: string, cwd = process.cwd()): Promise<string> {
  const { status, out, err } = await run(name, ['-c', code], { cwd });
  assert.equal(status, 0, err);
  return out;
}
