import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authentication } from '../../auth/authentication.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyRequest {
    /** The kind of its credential and the name of the client: `key:trainer`. Undefined on a public route, or without authentication. */
    client: string | undefined;
  }
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyContextConfig {
    /** Whether the route needs no credential. Every other route needs one, and so does an unknown path. */
    readonly public?: boolean;
  }
}

/** Authenticates the client of every request that is not public, before the body is read. Does nothing without `authentication`. */
export function registerAuthentication(app: FastifyInstance, authentication: Authentication | undefined): void {
  app.decorateRequest('client', undefined);
  if (authentication === undefined) return;
  app.addHook('onClose', async () => authentication.close());
  app.addHook('onRequest', async (request) => {
    if (isPublic(request)) return;
    request.client = await authentication.clientOf(request.raw.headersDistinct);
  });
}

/** Returns the name of a client that quotas and shares count by, or its address where it has none. */
export function clientOf({ client, ip }: FastifyRequest): string {
  return client ?? `address:${ip}`;
}

/** Whether a request needs no credential. An unknown path within a scope has no `config`. */
export function isPublic({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config?.public === true;
}

/** Makes every route of a scope public, including the routes of its plugins. */
export function makePublic(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true };
  });
}
