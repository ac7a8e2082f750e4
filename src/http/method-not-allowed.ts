import type { FastifyInstance, HTTPMethods } from 'fastify';
import { refuse } from '../errors.ts';

/**
 * Collects the routes that are registered from here on; the function that it returns, called after the last of them,
 * gives each path an answer to the methods that it lacks: 405 with Allow, before the body is read.
 */
export function methodNotAllowed(app: FastifyInstance): () => void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method, prefix }) => {
    // a plugin under a prefix answers for its own paths
    if (prefix !== '') return;
    const methods = methodsOf.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one.toUpperCase());
    methodsOf.set(url, methods);
  });

  return () => {
    for (const [url, methods] of [...methodsOf]) {
      const allow = [...methods].sort().join(', ');
      app.route({
        url,
        method: app.supportedMethods.filter((method) => !methods.has(method)) as HTTPMethods[],
        schema: { hide: true },
        onRequest: async (request, reply) => {
          reply.header('allow', allow);
          throw refuse('METHOD_NOT_ALLOWED', '#', `${request.method} is not answered here; ${allow} ${methods.size === 1 ? 'is' : 'are'}`);
        },
        handler: () => undefined,
      });
    }
  };
}
