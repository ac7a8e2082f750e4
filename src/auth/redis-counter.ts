import { once } from 'node:events';
import { isReadOnly } from '../errors/redis-errors.ts';
import type { Log } from './log.ts';
import type { Count, Counter } from './window-counter.ts';

/** Times in ms: the timeout of one count, the timeout of the first connection, and the pause after a failure. */
const redisTimesMs = { count: 100, start: 500, pause: 1_000 };

/**
 * Counts in Redis, together with other replicas. While Redis fails or times out, `local` counts instead, and one request per second
 * tries Redis again.
 */
export async function createRedisCounter(
  url: string,
  limits: { readonly points: number; readonly duration: number },
  local: Counter,
  log: Log,
): Promise<{ readonly count: Counter; readonly close: () => void }> {
  const [{ Redis }, { RateLimiterRedis }] = await Promise.all([import('ioredis'), import('rate-limiter-flexible')]);
  const redis = new Redis(url, {
    commandTimeout: redisTimesMs.count,
    connectTimeout: redisTimesMs.pause,
    retryStrategy: () => redisTimesMs.pause,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    reconnectOnError: isReadOnly,
  });
  let failure = 'it cannot be reached';
  redis.on('error', ({ message }) => {
    failure = message;
  });
  const limiter = new RateLimiterRedis({ ...limits, keyPrefix: 'kl-divergence', storeClient: redis });
  let isShared: boolean | undefined;
  let retryAt = 0;

  /** Logs only the message of an error: the error also holds the command, such as AUTH with its password. */
  function setShared(shared: boolean): void {
    if (shared === isShared) return;
    isShared = shared;
    if (shared) log.info({}, 'quotas shared through Redis');
    else log.warn({ reason: failure }, 'Redis failed; quotas counted by this process alone');
  }

  /** Windows follow the clock of Redis alone: `msBeforeNext` is the time to live of its key. */
  async function countInRedis(client: string, points: number): Promise<Count> {
    const { consumedPoints, msBeforeNext } = await limiter.penalty(client, points);
    const ends = performance.now() + msBeforeNext;
    return {
      spent: consumedPoints,
      msLeft: msBeforeNext,
      giveBack: (some) => {
        // given back later, they would add to the quota of the next window
        if (performance.now() < ends - redisTimesMs.count) limiter.reward(client, some).catch(() => {});
      },
    };
  }

  async function count(client: string, points: number): Promise<Count> {
    const time = performance.now();
    if (redis.status === 'ready' && time >= retryAt) {
      // one request tries Redis again; the others do not wait for it
      if (!isShared) retryAt = time + redisTimesMs.pause;
      try {
        const counted = await countInRedis(client, points);
        retryAt = 0;
        setShared(true);
        return counted;
      } catch (error) {
        failure = (error as Error).message;
        retryAt = performance.now() + redisTimesMs.pause;
      }
    }
    setShared(false);
    return local(client, points);
  }

  await once(redis, 'ready', { signal: AbortSignal.timeout(redisTimesMs.start) }).then(
    () => setShared(true),
    () => setShared(false),
  );
  return { count, close: () => redis.disconnect() };
}
