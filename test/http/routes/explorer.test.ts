import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundle } from '../../../src/explorer/bundle.ts';
import { keysFolder } from '../../auth/keys-folder.ts';
import { startedApp } from '../../helper.ts';

const committed = new URL('../../../src/explorer/dist/', import.meta.url).pathname;

test('what the explorer is served from is what its sources are bundled to (npm run explorer)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'explorer-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await bundle(folder);
  assert.deepEqual(readdirSync(committed).sort(), readdirSync(folder).sort());
  for (const name of readdirSync(folder)) {
    assert.ok(readFileSync(join(folder, name)).equals(readFileSync(join(committed, name))), `${name} is out of date: run npm run explorer`);
  }
});

test('the licences of all packages in the bundle are free, and served with it', async (t) => {
  const text = readFileSync(join(committed, 'licences.txt'), 'utf8');
  const licences = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+, (.+)$/gm)];
  assert.ok(licences.length > 20);
  for (const [, name, licence] of licences) assert.match(licence, /^(MIT|ISC|BSD-3-Clause|Unlicense)$/, name);
  const { http } = await startedApp(t);
  const { text: html } = await http.get('/').expect(200);
  const path = /href="(\/explorer\/licences\.[0-9a-f]{32}\.txt)"/.exec(html)?.[1];
  await http.get(String(path)).expect(200, text);
});

test('/ is the explorer, with a content security policy without unsafe-inline, and links to Swagger UI, which needs no key either', async (t) => {
  const { http } = await startedApp(t, keysFolder(t, 'visitor').env);
  const { headers, text } = await http.get('/').expect(200).expect('content-type', 'text/html; charset=utf-8');
  assert.match(headers['content-security-policy'], /script-src 'self';style-src 'self'/);
  assert.doesNotMatch(headers['content-security-policy'], /unsafe|nonce|sha256/);
  assert.match(text, /href="\/docs"/);
  assert.doesNotMatch(text, /https?:\/\//);
});

test('the files of the explorer have their hashes in their names, and are compressed and kept for ever', async (t) => {
  const { http } = await startedApp(t);
  const { text } = await http.get('/');
  const paths = [...text.matchAll(/"(\/explorer\/[^"]+)"/g)].map(([, path]) => path);
  assert.equal(new Set(paths).size, 5);
  const { text: script } = await http.get(paths.find((path) => /\/explorer\.\w+\.js$/.test(path)) ?? '');
  const parts = [...script.matchAll(/"\.\/([a-z]+\.[0-9A-Z]{8}\.js)"/g)].map(([, name]) => `/explorer/${name}`);
  assert.equal(new Set(parts).size, 2, 'the part that is loaded with the page, and the view of jobs');
  for (const path of new Set([...paths, ...parts])) {
    const { headers } = await http
      .get(path)
      .set('accept-encoding', 'gzip')
      .expect(200)
      .expect('cache-control', 'public, max-age=31536000, immutable');
    assert.equal(headers['content-encoding'], 'gzip', path);
    assert.equal(headers.vary, 'Accept-Encoding');
    await http.get(path).set('accept-encoding', 'gzip').set('if-none-match', `"other", W/${headers.etag}`).expect(304);
    await http.get(path).set('accept-encoding', 'br').set('if-none-match', headers.etag).expect(200).expect('content-encoding', 'br');
  }
});

test('the page itself is asked for each time, and not sent to who has it', async (t) => {
  const { http } = await startedApp(t);
  const { headers } = await http.get('/').expect('cache-control', 'no-cache');
  await http.get('/').set('if-none-match', headers.etag).expect(304);
  await http.head('/').expect(200);
});

test('EXPLORER=off leaves no page: / leads to Swagger UI', async (t) => {
  const { http } = await startedApp(t, { EXPLORER: 'off' });
  await http.get('/').expect(302).expect('location', '/docs');
  await http.get('/explorer/explorer.js').expect(404);
});
