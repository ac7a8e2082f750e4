import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { makePublic } from '../hooks/authentication.ts';
import { registerDocumentHeaders } from '../hooks/security-headers.ts';
import { foreverInCache, staticFile } from '../static-file.ts';

const folder = new URL('../../explorer/dist/', import.meta.url);

const read = (name: string): Buffer => readFileSync(new URL(name, folder));

const assets = [
  { name: 'explorer.js', type: 'text/javascript; charset=utf-8' },
  { name: 'explorer.css', type: 'text/css; charset=utf-8' },
  { name: 'icon.svg', type: 'image/svg+xml' },
  { name: 'licences.txt', type: 'text/plain; charset=utf-8' },
] as const;

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
  const files = assets.map(({ name, type }) => ({ name, ...staticFile(read(name), type, foreverInCache) }));
  const pathOf = ({ name, hash }: { readonly name: string; readonly hash: string }) => `/explorer/${name.replace('.', `.${hash}.`)}`;
  for (const file of files) scope.get(pathOf(file), { schema: { hide: true } }, file.send);
  const template = read('index.html').toString();
  const html = files.reduce((text, file) => text.replaceAll(`./${file.name}`, pathOf(file)), template);
  const page = staticFile(Buffer.from(html), 'text/html; charset=utf-8', 'no-cache');
  scope.get('/', { schema: { hide: true } }, page.send);
}
