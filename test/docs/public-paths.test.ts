import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { registerOpenApi } from '../../src/http/routes/openapi.ts';
import { keysFolder } from '../auth/keys-folder.ts';
import { startedApp } from '../helper.ts';

const page = readFileSync(new URL('../../docs/operations/authentication.md', import.meta.url), 'utf8');

test('the page on authentication names the paths that need no credential, and no others', async (t) => {
  const urls = new Set<string>();
  const { http } = await startedApp(t, keysFolder(t, 'trainer').env, undefined, {
    describe: async (app) => {
      app.addHook('onRoute', ({ method, url }) => {
        if (method === 'GET') urls.add(url);
      });
      await registerOpenApi(app);
    },
  });
  const [, list = ''] = /paths need no\s+credential:(.*?)Unknown paths/s.exec(page) ?? [];
  const named = [...list.matchAll(/`([^`]+)`/g)].map(([, path]) => path);
  const namedFor = (url: string) => named.find((path) => url === path || (path !== '/' && url.startsWith(path.replace(/\/?$/, '/'))));
  const found = new Set<string>();
  for (const url of urls) {
    const { status } = await http.get(url.replace(':slug', 'unauthenticated').replace('*', 'x'));
    assert.equal(namedFor(url) !== undefined, status !== 401, url);
    found.add(namedFor(url) ?? '');
  }
  assert.deepEqual(
    named.filter((path) => !found.has(path)),
    [],
  );
});
