import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';

/** Returns the path of a request without its query, as the client sent it, cut after 200 characters, for answers and logs. */
export function pathOf({ originalUrl }: Pick<FastifyRequest, 'originalUrl'>): string {
  const query = originalUrl.indexOf('?');
  const path = query === -1 ? originalUrl : originalUrl.slice(0, query);
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}

/**
 * Gives a request whose target the router cannot read a target that has no route, under `/v2` if it was there: so it passes the hooks of
 * every request, and `isMalformed` tells it from one that is not found.
 */
export function withoutRoute<Request extends IncomingMessage & { originalUrl?: string }>(request: Request): Request {
  const { url = '' } = request;
  return Object.assign(request, { originalUrl: url, url: url.startsWith('/v2/') ? '/v2/%25' : '/%25' });
}

/** Whether the target of a request is one that the router cannot read. */
export function isMalformed({ url, originalUrl }: Pick<FastifyRequest, 'url' | 'originalUrl'>): boolean {
  return url !== originalUrl;
}
