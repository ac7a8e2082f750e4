import type { Log } from './log.ts';
import { type Counter, createRedisCounter } from './redis-counter.ts';

/** The limit on elements of one client in a window, in seconds. With Redis, all replicas share the count. */
export type QuotaRules = { readonly elements: number; readonly window: number; readonly redisUrl: string | undefined };

/** The elements of a client in this window, and the whole seconds until the next one. */
export type Standing = { readonly spent: number; readonly reset: number };

export type Quota = Pick<QuotaRules, 'elements' | 'window'> & {
  /** Counts elements of a client. It never rejects, and resolves within 100 ms. */
  readonly charge: (client: string, elements: number) => Promise<Standing>;
  readonly close: () => void;
};

export async function quota({ elements, window, redisUrl }: QuotaRules, log: Log): Promise<Quota> {
  const { RateLimiterMemory } = await import('rate-limiter-flexible');
  const limits = { points: elements, duration: window, keyPrefix: 'kl-divergence' };
  const memory = new RateLimiterMemory(limits);
  const local: Counter = (client, points) => memory.penalty(client, points);
  const shared = redisUrl === undefined ? undefined : await createRedisCounter(redisUrl, limits, local, log);
  const count = shared?.count ?? local;
  return {
    elements,
    window,
    charge: async (client, points) => {
      const { consumedPoints, msBeforeNext } = await count(client, points);
      return { spent: consumedPoints, reset: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
    },
    close: () => shared?.close(),
  };
}
