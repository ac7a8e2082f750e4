import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import document from '../../../openapi/openapi.json' with { type: 'json' };
import { yamlOf } from '../openapi/yaml.ts';
import { type StaticFile, staticFile } from '../static-file.ts';

/** The document as it is served, from the first request for it on. */
let json: StaticFile | undefined;
let yaml: Promise<StaticFile> | undefined;

/**
 * Serves the OpenAPI document at `/openapi.json`, as it is committed. To make it of the schemas of the routes takes a fifth of a second,
 * which no start needs to wait for: `npm run openapi` does it, and a test holds the file to it.
 */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  // its types know no OpenAPI 3.1
  const specification = { document } as unknown as StaticDocumentSpec;
  await app.register(swagger, { mode: 'static', specification });
  app.get('/openapi.json', { schema: { hide: true }, config: { public: true } }, (request, reply) => documentAsJson().send(request, reply));
}

/** Returns the document as a file, which is made for the first who asks for it. */
export function documentAsJson(): StaticFile {
  json ??= staticFile(Buffer.from(JSON.stringify(document)), 'application/json; charset=utf-8', 'no-cache');
  return json;
}

/** Returns the document in YAML, which @fastify/swagger would take a fifth of a second of the event loop to write. */
export function documentAsYaml(): Promise<StaticFile> {
  yaml ??= Array.fromAsync(yamlOf(document)).then((pieces) => staticFile(Buffer.from(pieces.join('')), 'application/x-yaml', 'no-cache'));
  return yaml;
}
