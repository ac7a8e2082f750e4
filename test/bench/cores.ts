import type { ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.ts';
import { median } from './rounds.ts';

/** A process that computes once for every line that it is sent. */
export type Core = { readonly name: string; readonly child: ChildProcess; readonly lines: AsyncIterator<string> };

export function startCore(name: string, command: string, args: string[]): Core {
  const child = startChild(command, args, {}, { stdio: ['pipe', 'pipe', 'inherit'] });
  // a process that is gone is noticed where its answer is read
  child.stdin?.on('error', () => undefined);
  const lines: Interface = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  return { name, child, lines: lines[Symbol.asyncIterator]() };
}

/** Of several computations in a row, so that caches and clock are those of a processor at work. */
export async function milliseconds(core: Core): Promise<number> {
  const samples: number[] = [];
  for (let run = 0; run < 3; run++) samples.push((await computed(core)).ms);
  return median(samples);
}

/** Tells a process what to compute from now on. */
export async function prepare({ name, child, lines }: Core, args: readonly string[]): Promise<void> {
  child.stdin?.write(`${args.join(' ')}\n`);
  if ((await lines.next()).done) throw new Error(`${name} ended`);
}

export async function computed({ name, child, lines }: Core): Promise<{ ms: number; value: number }> {
  child.stdin?.write('\n');
  const { value, done } = await lines.next();
  if (done) throw new Error(`${name} ended`);
  const [ms, result] = value.split(' ').map(Number);
  return { ms, value: result };
}

/** The path of a program in `servers`. */
export function coreFile(name: string): string {
  return fileURLToPath(new URL(`servers/${name}`, import.meta.url));
}
