import type { FastifyRequest } from 'fastify';

/** Returns the path of a request without its query, cut after 200 characters, for answers and logs. */
export function pathOf({ url }: Pick<FastifyRequest, 'url'>): string {
  const path = url.split('?', 1)[0];
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}
