import type { FastifyRequest } from 'fastify';

/** The path of a request without its query, its beginning where it is long: fit for answers and logs. */
export function pathOf({ url }: Pick<FastifyRequest, 'url'>): string {
  const path = url.split('?', 1)[0];
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}
