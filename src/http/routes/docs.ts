import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { makePublic } from '../hooks/authentication.ts';
import { registerDocumentHeaders } from '../hooks/security-headers.ts';
import { type StaticFile, staticFile } from '../static-file.ts';
import { documentAsJson, documentAsYaml } from './openapi.ts';

/** Serves Swagger UI at /docs, where the examples can be run. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (scope) => {
    registerDocumentHeaders(scope);
    makePublic(scope);
    keepFilesInMemory(scope);
    sendDocuments(scope);
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'KL divergence API' },
      // without the top bar: the content security policy blocks the inline style of its logo
      uiConfig: {
        layout: 'BaseLayout',
        validatorUrl: null,
        tryItOutEnabled: true,
        displayRequestDuration: true,
        defaultModelsExpandDepth: 0,
      },
    });
  });
}

const folder = new URL('./static/', import.meta.resolve('@fastify/swagger-ui'));

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.png': 'image/png',
};

/**
 * Answers for the files of Swagger UI, which it would read and send as they are each time. They are read when the first client asks. Their
 * names stay while their content changes from version to version.
 */
function keepFilesInMemory(scope: FastifyInstance): void {
  const names = new Set(readdirSync(folder).filter((name) => extname(name) in types));
  const files = new Map<string, StaticFile>();
  scope.addHook('preHandler', async (request, reply) => {
    const isFile = request.routeOptions.url === '/docs/static/*';
    const name = isFile ? (request.params as { '*': string })['*'] : '';
    if (!names.has(name)) return;
    const file = files.get(name) ?? staticFile(readFileSync(new URL(name, folder)), types[extname(name)], 'public, max-age=86400');
    files.set(name, file);
    return file.send(request, reply);
  });
}

/** Answers with the document itself, which Swagger UI would send anew to a client that has it. */
function sendDocuments(scope: FastifyInstance): void {
  scope.addHook('preHandler', async (request, reply) => {
    const { url } = request.routeOptions;
    if (url !== '/docs/json' && url !== '/docs/yaml') return;
    const file = url === '/docs/json' ? documentAsJson() : await documentAsYaml();
    return file.send(request, reply);
  });
}
