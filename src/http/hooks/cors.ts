import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** The methods of all routes. */
const methods = ['GET', 'HEAD', 'POST', 'DELETE'];

/** Headers of an answer that a page may read, in addition to those that CORS always exposes. */
const exposedHeaders = [
  'Allow',
  'Content-Encoding',
  'Inference-Header-Content-Length',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Server-Timing',
  'Traceparent',
  'WWW-Authenticate',
  'X-Request-Id',
];

/**
 * Lets pages of these origins call the service from a browser. Without `origins`, no page can. Preflights never carry a credential, so they
 * are answered here. Call it before `registerNotFound`, which would count the plugin's route as a path of the service.
 */
export async function registerCors(app: FastifyInstance, origins: readonly string[] | undefined): Promise<void> {
  if (origins === undefined) return;
  const origin = origins.includes('*') ? '*' : [...origins];
  await app.register(cors, { origin, methods, exposedHeaders, strictPreflight: false, maxAge: 600 });
}
