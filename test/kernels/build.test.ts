import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { leftOut } from '../cases.ts';
import { built, builtFrom } from './built-from.ts';

const committed = (name: string) => readFileSync(new URL(`../../src/kernels/${name}`, import.meta.url));

test('neither the committed WebAssembly nor what it is built from has changed since npm run kernels', () => {
  assert.equal(builtFrom(), committed('built-from.sha256').toString(), 'run npm run kernels');
});

test('the committed WebAssembly is what npm run kernels builds from its sources', { skip: leftOut }, (t) => {
  const OUT = mkdtempSync(join(tmpdir(), 'kernels-'));
  t.after(() => rmSync(OUT, { recursive: true }));
  const made = spawnSync('npm', ['run', 'kernels'], { env: { ...process.env, OUT }, encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  for (const name of built) assert.ok(readFileSync(join(OUT, name)).equals(committed(name)), `${name} is out of date: run npm run kernels`);
});
