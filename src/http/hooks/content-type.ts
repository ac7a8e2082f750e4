import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError, refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';

/** The formats of request bodies. */
export type BodyFormat = 'json' | 'safetensors' | 'lines';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyContextConfig {
    /** The body formats that the route reads. */
    readonly formats?: readonly BodyFormat[];
  }
}

/** A body that has not been read yet, and its format. */
type Body = { readonly format: BodyFormat; readonly payload: Readable };

/** The names of safetensors. None is registered. */
export const safetensorsTypes = ['application/vnd.safetensors', 'application/safetensors', 'application/x-safetensors'] as const;

/** The media types of each format. None is registered for safetensors and lines of JSON, so they may come as plain bytes. */
export const mediaTypes: Readonly<Record<BodyFormat, readonly [string, ...string[]]>> = {
  json: ['application/json'],
  safetensors: [...safetensorsTypes, 'application/octet-stream'],
  lines: ['application/x-ndjson', 'application/jsonl', 'application/ndjson', 'application/x-jsonlines', 'application/octet-stream'],
};

export const jsonType = 'application/json; charset=utf-8';

/** Replaces Fastify's parsers of JSON and text: each route reads its body itself. */
export function registerBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const formats = Object.keys(mediaTypes) as BodyFormat[];
  for (const type of new Set(Object.values(mediaTypes).flat())) {
    const candidates = formats.filter((format) => mediaTypes[format].includes(type));
    app.addContentTypeParser(type, (request, payload, done) => {
      const format = candidates.find((candidate) => request.routeOptions.config.formats?.includes(candidate));
      // a rejection is passed as the body: Fastify closes the connection if `done` gets an error
      done(null, format === undefined ? unsupportedType(request) : (refusedCharset(request) ?? { format, payload }));
    });
  }
}

/** Returns the body of a request. @throws RequestError INVALID_JSON without a body, UNSUPPORTED_MEDIA_TYPE */
export function bodyOf(request: FastifyRequest): Body {
  // Fastify itself rejects a body without a Content-Type, so here the request has no body
  if (request.headers['content-type'] === undefined) throw refuse('INVALID_JSON', '#', 'the request has no body; expected a JSON object');
  if (request.body instanceof RequestError) throw request.body;
  return request.body as Body;
}

/** Returns an error that names the media types that the route of a request reads. */
export function unsupportedType({ headers, routeOptions }: FastifyRequest): RequestError {
  const known = (routeOptions.config.formats ?? []).map((format) => mediaTypes[format][0]);
  const sent = headers['content-type'];
  return refuse(
    'UNSUPPORTED_MEDIA_TYPE',
    '#',
    `expected Content-Type: ${known.join(' or ')}, got ${sent === undefined ? 'none' : quote(sent)}`,
  );
}

function refusedCharset({ headers }: FastifyRequest) {
  const sent = headers['content-type'] ?? '';
  // what most clients send
  if (sent === mediaTypes.json[0]) return undefined;
  const charset = /;\s*charset="?([^";\s]+)/i.exec(sent)?.[1];
  if (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)) return undefined;
  return refuse('UNSUPPORTED_MEDIA_TYPE', '#', `expected the charset UTF-8, got ${quote(charset)}`);
}
