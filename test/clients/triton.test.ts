import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { docPage, listening, run } from '../docs/page.ts';

const needs = 'import numpy, tritonclient.http, tritonclient.http.aio';
const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', needs]).status === 0);
const skip = python === undefined ? 'no Python with tritonclient[http] and numpy is here' : false;

test('the real Triton client, sync and asyncio, gets the numbers that NumPy computes', { skip }, async () => {
  const { status, out, err } = await run(python ?? '', [fileURLToPath(new URL('triton.py', import.meta.url)), await listening()]);
  assert.equal(status, 0, err);
  assert.match(out.trimEnd().split('\n').at(-1) ?? '', /^\d+ checks passed$/);
});

test('the Python of the page on the inference protocol runs as it stands, and prints divergences and a warning', { skip }, async () => {
  const [example] = docPage('docs/inference-protocol.md').blocks('python', 'Example');
  const service = new URL(await listening()).host;
  const { status, out, err } = await run(python ?? '', ['-c', example.replace('127.0.0.1:3000', service)]);
  assert.equal(status, 0, err);
  const [mean, both, warning] = out.split('\n');
  assert.match(mean, /^\[0\.1611\d*\]$/);
  assert.match(both, /^\[0\.0560\d* 0\.2662\d*\] \[0\.0537\d*\]$/);
  assert.match(warning, /^MEAN_DIVIDES_BY_SUPPORT /);
});
