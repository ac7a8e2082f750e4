import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A program that was built here, or the reason why there is none. */
export type Built = { readonly path: string } | string;

/** Outside of what git sees; cargo and go build only what changed since. */
const output = fileURLToPath(new URL('../../node_modules/.cache/bench-peers/', import.meta.url));

const source = (name: string) => fileURLToPath(new URL(`./peers/${name}`, import.meta.url));

const environment = { ...process.env, RUSTFLAGS: '-C target-cpu=native' };

const cargo = ['build', '--release', '--locked', '--manifest-path', `${source('rust')}/Cargo.toml`, '--target-dir', `${output}rust`];

/** How each program of `peers/` is built for this machine, and where it stands then. */
const programs = {
  fast: { command: 'cargo', args: cargo, path: `${output}rust/release/fast` },
  usual: { command: 'cargo', args: cargo, path: `${output}rust/release/usual` },
  go: { command: 'go', args: ['build', '-C', source('go'), '-o', `${output}go`, '.'], path: `${output}go` },
  logits: { command: 'cc', args: ['-O3', '-march=native', source('logits.c'), '-o', `${output}logits`, '-lm'], path: `${output}logits` },
} as const;

export type Program = keyof typeof programs;

const built = new Map<Program, Built>();

/** Builds a program of `peers/`, once; absent where its compiler is, or where it does not compile. */
export function build(name: Program): Built {
  if (!built.has(name)) built.set(name, compile(name));
  return built.get(name) as Built;
}

function compile(name: Program): Built {
  const { command, args, path } = programs[name];
  mkdirSync(output, { recursive: true });
  const { status, error } = spawnSync(command, args, { env: environment, stdio: ['ignore', 2, 'inherit'] });
  if (error !== undefined) return `no ${command}: ${error.message}`;
  return status === 0 ? { path } : `${command} cannot build it`;
}

/** The versions of the compilers that are here. */
export function compilers(): Record<string, string> {
  const versions = [
    ['cargo', '--version'],
    ['go', 'version'],
    ['cc', '--version'],
  ].map(([command, flag]) => {
    const { stdout, error } = spawnSync(command, [flag], { encoding: 'utf8' });
    return [command, error === undefined ? (/\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout) : `absent: ${error.message}`];
  });
  return Object.fromEntries(versions);
}
