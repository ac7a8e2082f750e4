import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { compilers } from './native.ts';
import { findPython } from './python.ts';

/** What the figures were measured on and against. */
export function machine(): Record<string, unknown> {
  const python = findPython();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0].model,
    cores: availableParallelism(),
    load: loadavg()[0].toFixed(2),
    node: process.version,
    fastify: versionOf('fastify'),
    zod: versionOf('zod'),
    ...compilers(),
    ...(typeof python === 'string' ? { python: `absent: ${python}` } : python.versions),
  };
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}
