import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startedApp } from './helper.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The fenced blocks of a language in a section of the README, in order. */
export function blocks(language: string, heading = 'Typed clients'): string[] {
  const section = readme.split(`\n## ${heading}\n`)[1].split('\n## ')[0];
  return [...section.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text);
}

/** The line of a shell block of that section that begins so. */
export function command(start: string): string {
  const lines = blocks('sh').flatMap((block) => block.split('\n'));
  return lines.find((line) => line.startsWith(start)) ?? '';
}

/** A caller's folder with the committed document in it, gone when the test ends. */
export function folderWithDocument(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'typed-client-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(new URL('../openapi/openapi.json', import.meta.url), join(folder, 'openapi/openapi.json'));
  return folder;
}

/** The address of the service, which ends with the test. */
export async function listening(t: TestContext): Promise<string> {
  const { app } = await startedApp(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

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
