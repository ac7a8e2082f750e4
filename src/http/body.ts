import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { quote, refuse } from '../errors.ts';
import type { BodyFormat } from '../wire/read-request.ts';

/** A body that has not been read yet, and what it is written in. */
export type Body = { readonly format: BodyFormat; readonly payload: Readable };

/** The media types of each format. There is none registered for safetensors. */
export const mediaTypes: Readonly<Record<BodyFormat, readonly [string, ...string[]]>> = {
  json: ['application/json'],
  safetensors: ['application/vnd.safetensors', 'application/safetensors', 'application/x-safetensors'],
};

/** Bodies are left to their route to read; Fastify's own parsers for JSON and text are replaced. */
export function registerBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  for (const format of Object.keys(mediaTypes) as BodyFormat[]) {
    app.addContentTypeParser([...mediaTypes[format]], (request, payload, done) => {
      const refusal = refusedCharset(request);
      done(refusal ?? null, { format, payload });
    });
  }
}

function refusedCharset({ headers }: FastifyRequest) {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)) return undefined;
  return refuse('UNSUPPORTED_MEDIA_TYPE', '#', `the body is said to be in ${quote(charset)}; JSON is UTF-8`);
}
