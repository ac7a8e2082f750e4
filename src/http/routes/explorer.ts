import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { makePublic } from '../hooks/authentication.ts';
import { registerDocumentHeaders } from '../hooks/security-headers.ts';
import { foreverInCache, staticFile } from '../static-file.ts';

const folder = new URL('../../explorer/dist/', import.meta.url);

const read = (name: string): Buffer => readFileSync(new URL(name, folder));

const script = 'text/javascript; charset=utf-8';

const assets = [
  { name: 'explorer.js', type: script },
  { name: 'explorer.css', type: 'text/css; charset=utf-8' },
  { name: 'icon.svg', type: 'image/svg+xml' },
  { name: 'licences.txt', type: 'text/plain; charset=utf-8' },
] as const;

/** Parts of the script, which load each other by their names: those have hashes as they lie here. */
const parts = readdirSync(folder).filter((name) => /\.[0-9A-Z]{8}\.js$/.test(name));

/** Serves the explorer at /, or leads from there to /docs where it is off. */
export async function registerExplorer(app: FastifyInstance, { explorer }: { readonly explorer: 'on' | 'off' }): Promise<void> {
  await app.register(async (scope) => {
    registerDocumentHeaders(scope);
    makePublic(scope);
    if (explorer === 'off') scope.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'));
    else registerPage(scope);
  });
}

/** Its page names its files with their hashes, so that browsers keep them and see a new version at once. */
function registerPage(scope: FastifyInstance): void {
  const named = assets.map(({ name, type }) => {
    const file = staticFile(read(name), type, foreverInCache);
    return { name, path: `/explorer/${name.replace('.', `.${file.hash}.`)}`, file };
  });
  const files = [
    ...named,
    ...parts.map((name) => ({ name, path: `/explorer/${name}`, file: staticFile(read(name), script, foreverInCache) })),
  ];
  for (const { path, file } of files) scope.get(path, { schema: { hide: true } }, file.send);
  const html = files.reduce((text, { name, path }) => text.replaceAll(`./${name}`, path), read('index.html').toString());
  const page = staticFile(Buffer.from(html), 'text/html; charset=utf-8', 'no-cache');
  scope.get('/', { schema: { hide: true } }, page.send);
}
