import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { compilers } from './native.ts';
import { findPython } from './python.ts';

/** The day, the processor, the load average of the last minute, and the versions of what is measured and of its peers. */
export type Machine = {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
};

/** What figures are measured on and against. */
export function machine(): Machine {
  const python = findPython();
  const versions = {
    node: process.version,
    fastify: versionOf('fastify'),
    zod: versionOf('zod'),
    ...compilers(),
    ...(typeof python === 'string' ? { python: `absent: ${python}` } : python.versions),
  };
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0].model,
    cores: availableParallelism(),
    load: Number(loadavg()[0].toFixed(2)),
    versions,
  };
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}
