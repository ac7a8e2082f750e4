import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** What a page may read of an answer beside its body and the few headers that any page may. */
const exposedHeaders = [
  'Allow',
  'Content-Encoding',
  'Inference-Header-Content-Length',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Server-Timing',
  'Traceparent',
  'WWW-Authenticate',
  'X-Request-Id',
];

/**
 * Lets pages of these origins call from a browser; without any, none. A preflight is answered here: it never carries a credential. Call it
 * before `registerNotFound`, to which its route would be a path like any other.
 */
export async function registerCors(app: FastifyInstance, origins: readonly string[] | undefined): Promise<void> {
  if (origins === undefined) return;
  const origin = origins.includes('*') ? '*' : [...origins];
  await app.register(cors, { origin, exposedHeaders, strictPreflight: false, maxAge: 600 });
}
