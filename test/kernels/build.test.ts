import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('the committed WebAssembly is what npm run kernels builds from its sources', (t) => {
  const OUT = mkdtempSync(join(tmpdir(), 'kernels-'));
  t.after(() => rmSync(OUT, { recursive: true }));
  const built = spawnSync('npm', ['run', 'kernels'], { env: { ...process.env, OUT }, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stderr);
  for (const name of ['scan-json.wasm', 'scan-names.wasm', 'divergence.wasm']) {
    const committed = readFileSync(new URL(`../../src/kernels/${name}`, import.meta.url));
    assert.ok(readFileSync(join(OUT, name)).equals(committed), `${name} is out of date: run npm run kernels`);
  }
});
