import type { FastifyInstance, FastifyRequest } from 'fastify';
import { quote, refuse } from '../errors.ts';
import { parseJson } from './parse-json.ts';

/** Bodies are JSON in UTF-8, as they stand; Fastify's own parsers for JSON and text are replaced. */
export function registerBodyParser(app: FastifyInstance, maxElements: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) => {
    refuseEncodings(request);
    return parseJson(bytes, maxElements);
  });
}

function refuseEncodings({ headers }: FastifyRequest): void {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw refuse('UNSUPPORTED_MEDIA_TYPE', '#', `the body is encoded with ${quote(coding)}; send it without Content-Encoding`);
  }
  const charset = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw refuse('UNSUPPORTED_MEDIA_TYPE', '#', `the body is said to be in ${quote(charset)}; JSON is UTF-8`);
  }
}
