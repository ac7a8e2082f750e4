import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skip, startNginx } from '../deploy/nginx.ts';
import { access, newSources, refusal } from './helper.ts';
import { stored } from './lying-server.ts';

test('a file that nginx serves is read by ranges, pinned by its ETag, and SOURCE_CHANGED when it is replaced', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'served-'));
  chmodSync(folder, 0o755);
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'q.bin'), stored);
  const port = await startNginx(t, [], (text) => text.replace('location / {', `location /files/ {\n alias ${folder}/;\n}\nlocation / {`));
  const prefix = `http://127.0.0.1:${port}/files`;
  const sources = newSources(t, { prefixes: [prefix], privateNetworks: ['127.0.0.1'] });
  const source = await sources.open(`${prefix}/q.bin`, access);
  assert.equal(source.size, stored.length);
  assert.match(source.pin.etag ?? '', /^"[\da-f-]+"$/);
  const into = new Uint8Array(10_000);
  await source.read(20_000, into, access.signal);
  assert.deepEqual(into, stored.slice(20_000, 30_000));
  assert.match(await refusal(sources.open(`${prefix}/missing`, access)), /^SOURCE_NOT_ALLOWED: /);
  writeFileSync(join(folder, 'q.bin'), stored.toReversed());
  // the ETag of nginx is the size and the time in seconds
  utimesSync(join(folder, 'q.bin'), 1, 1);
  assert.match(await refusal(source.read(20_000, into, access.signal)), /^SOURCE_CHANGED: /);
});
