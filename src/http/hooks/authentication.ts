import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authentication } from '../../auth/authentication.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyRequest {
    /** The name of the client, where it is known. */
    client: string | undefined;
  }
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyContextConfig {
    /** A route that anybody may call: what is not said to be one asks for a credential, also where no route is. */
    readonly public?: boolean;
  }
}

/** Asks every request who it comes from, before its body is read. Without `authentication` nobody is asked. */
export function registerAuthentication(app: FastifyInstance, authentication: Authentication | undefined): void {
  app.decorateRequest('client', undefined);
  if (authentication === undefined) return;
  app.addHook('onClose', async () => authentication.close());
  app.addHook('onRequest', async (request) => {
    if (isPublic(request)) return;
    request.client = await authentication.clientOf(request.raw.headersDistinct);
  });
}

/** Whether anybody may ask. A path within a scope that no route answers has no configuration. */
export function isPublic({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config?.public === true;
}

/** Every route of a scope, also those of its plugins, may be called by anybody. */
export function makePublic(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true };
  });
}
