import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { isReadOnly } from '../../../errors/redis-errors.ts';
import { EngineUnavailable } from '../../engine.ts';
import { channel } from './keys.ts';

/** Times in ms: until Redis must have been reached at the start, and until a command must be answered. */
type ConnectionTimesMs = { readonly start: number; readonly command: number };

/** The longest pause before a new try, in ms. */
const longestPauseMs = 1_000;

const retryStrategy = (times: number) => Math.min(50 * 2 ** times, longestPauseMs);

/**
 * `asking` fails at once while Redis is away; `working` and its duplicates wait until it is back, so that what was computed meanwhile is
 * still told. `listening` is subscribed to what becomes of jobs.
 */
type Connections = { readonly asking: Redis; readonly working: Redis; readonly listening: Redis };

/** Leaves no connection open where it fails. @throws EngineUnavailable; Error in one line, if Redis might lose jobs */
export async function connect(url: string, timesMs: ConnectionTimesMs, report: (error: unknown) => void): Promise<Connections> {
  const { Redis } = await import('ioredis');
  const asking = new Redis(url, {
    retryStrategy,
    commandTimeout: timesMs.command,
    connectTimeout: timesMs.command,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    reconnectOnError: isReadOnly,
  });
  // 2: and sends the command again
  const reconnectOnError = (error: Error) => (isReadOnly(error) ? 2 : false);
  const working = new Redis(url, { retryStrategy, maxRetriesPerRequest: null, lazyConnect: true, reconnectOnError });
  const listening = working.duplicate();
  for (const redis of [asking, working, listening]) redis.on('error', report);
  try {
    await reached(asking, timesMs.start);
    await checkSafety(asking);
    await ask(() => Promise.all([working.connect(), listening.connect()]));
    await ask(() => listening.subscribe(channel));
  } catch (error) {
    disconnect({ asking, working, listening });
    throw error;
  }
  return { asking, working, listening };
}

/** Waits for Redis, which may be starting too. @throws EngineUnavailable */
async function reached(redis: Redis, withinMs: number): Promise<void> {
  let failure = 'it does not answer';
  const ready = new Promise<void>((resolve) => {
    redis.on('ready', resolve);
    redis.on('error', ({ message }) => {
      failure = message;
    });
  });
  const late = sleep(withinMs, 'late', { ref: false });
  if ((await Promise.race([ready, late])) === 'late') throw new EngineUnavailable(`the Redis of the jobs cannot be reached: ${failure}`);
}

export function disconnect(connections: Connections): void {
  for (const redis of Object.values(connections)) redis.disconnect();
}

/** INFO says this also where a provider forbids CONFIG. @throws Error; EngineUnavailable where Redis does not answer */
async function checkSafety(redis: Redis): Promise<void> {
  const info = await ask(async () => `${await redis.info('persistence')}\n${await redis.info('memory')}`);
  const wanted = { aof_enabled: ['1', 'appendonly yes'], maxmemory_policy: ['noeviction', 'maxmemory-policy noeviction'] };
  for (const [name, [value, setting]] of Object.entries(wanted)) {
    const found = new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
    if (found !== value) throw new Error(`the Redis of the jobs would lose them: ${name} is ${found}, set ${setting}`);
  }
}

/** Answers of a Redis that is there and cannot serve, such as one that loads its file or has no memory left. */
const cannotServe = /^(LOADING|READONLY|OOM|MISCONF|BUSY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|EXECABORT|NOAUTH|WRONGPASS)/;

/** Runs commands for a client. Only the message of an error is kept: the error also holds the command. @throws EngineUnavailable */
export async function ask<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ReplyError' && !cannotServe.test(message)) throw error;
    throw new EngineUnavailable(`the Redis of the jobs cannot be used: ${message}`);
  }
}
