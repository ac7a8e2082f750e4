import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { modelNames } from '../../formats/inference/models.ts';
import { nearest } from '../../schema/nearest.ts';
import { isMalformed, pathOf } from '../headers/request-path.ts';

/**
 * Rejects requests without a route before the body is read: 400 if the path is malformed, 405 with Allow if it has other methods, else 404.
 * Call it before the routes are registered.
 */
export function registerNotFound(app: FastifyInstance): void {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one.toUpperCase());
    routes.set(url, route);
  });

  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    if (isMalformed(request)) return done(malformed(request));
    const path = request.url.split('?', 1)[0];
    const allowed = routes
      .values()
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => methods)
      .toArray();
    if (allowed.length === 0) return done(notFound(request, likelyMeant(path, [...routes.keys()])));
    const allow = [...new Set(allowed)].sort().join(', ');
    reply.header('allow', allow);
    done(refuse('METHOD_NOT_ALLOWED', '#', `${request.method} is not allowed at ${pathOf(request)}; allowed: ${allow}`));
  });

  // for routes that do not find their resource, such as a file of Swagger UI
  app.setNotFoundHandler(throwNotFound);
}

export function throwNotFound(request: FastifyRequest): never {
  throw notFound(request);
}

/** Returns the pattern of the paths that a route serves. */
function patternOf(url: string): RegExp {
  const pattern = url
    .replace(/[.+]/g, '\\$&')
    .replace(/:[^/]+/g, '[^/]+')
    .replace('*', '.*');
  return new RegExp(`^${pattern}$`);
}

function malformed(request: FastifyRequest): RequestError {
  return refuse('BAD_REQUEST', '#', `expected a path in UTF-8, with two hexadecimal digits after every %, got ${quote(pathOf(request))}`);
}

/** Whether a route serves one path only. */
function isFixed(url: string): boolean {
  return !/[:*]/.test(url);
}

/** What a path without a route may have meant: a model where it names none that there is, and else a path. */
function likelyMeant(path: string, routes: readonly string[]): string | undefined {
  const [, model] = /^\/v2\/models\/([^/]+)/.exec(path) ?? [];
  const isModel = model === undefined || (modelNames as readonly string[]).includes(model);
  const near = isModel ? nearest(path, routes.filter(isFixed)) : nearest(model, modelNames);
  if (near === undefined) return isModel ? undefined : `the models are ${modelNames.join(', ')}`;
  return `did you mean ${isModel ? near : `the model ${near}`}?`;
}

function notFound(request: FastifyRequest, hint?: string): RequestError {
  return refuse('NOT_FOUND', '#', `there is no route at ${pathOf(request)}${hint === undefined ? '' : `; ${hint}`}`);
}
