import type { FastifyRequest } from 'fastify';

/** A client may wait this many seconds for a job in one request. */
export const longestWait = 60;

/**
 * Returns how many ms a client prefers to wait for the end of a job, 0 unless it says so: `Prefer: wait=10`, RFC 7240 section 4.3.
 * A preference that cannot be read is none, as the RFC has it.
 */
export function preferredWaitMs({ headers }: Pick<FastifyRequest, 'headers'>): number {
  const preferences = [headers.prefer ?? []].flat().join(',').split(',');
  const waits = preferences.map((one) => /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(one)?.[1]).filter((wait) => wait !== undefined);
  return waits.length === 0 ? 0 : Math.min(Number(waits[0]), longestWait) * 1000;
}
