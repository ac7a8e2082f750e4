import type { Redis } from 'ioredis';
import { channel, prefix } from './keys.ts';

/**
 * Everything that changes a job runs in Redis at once. KEYS are those of `jobKeys`, ARGV[1] is the id, ARGV[2] the time in ms, ARGV[3] the
 * retention in ms. A run of a job is the time from its submission to its removal: work on an earlier run of the same id changes nothing.
 */
const common = `
local job, partials, attempts, running = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, now, retention = ARGV[1], ARGV[2], ARGV[3]
local function status() return redis.call('HGET', job, 'status') end
local function tell() redis.call('PUBLISH', '${channel}', id .. ' ' .. (status() or 'gone')) end
local function isOpen() local is = status(); return is == 'queued' or is == 'running' or is == 'cancelling' end
local function isRun(run) return redis.call('HGET', job, 'run') == run end
local function finish(last, field, text)
  if not isOpen() then return end
  redis.call('HSET', job, 'status', last, 'finishedAt', now, 'expiresAt', now + retention)
  if field then redis.call('HSET', job, field, text) end
  redis.call('HDEL', job, 'sizes')
  redis.call('DEL', partials, attempts, running)
  redis.call('PEXPIREAT', job, now + retention)
  tell()
end
local function settle()
  if status() ~= 'cancelling' then return end
  for _, key in ipairs(redis.call('SMEMBERS', running)) do
    if redis.call('EXISTS', key .. ':lock') == 0 then redis.call('SREM', running, key) end
  end
  if redis.call('SCARD', running) == 0 then finish('cancelled') end
end
`;

const scripts = {
  /**
   * ARGV: the time for which a job that is not queued yet is kept, then its fields. KEYS[5] lists the jobs of the client by `createdAt`,
   * without the oldest that have expired.
   */
  insert: `
for _, old in ipairs(redis.call('ZRANGE', KEYS[5], 0, 9)) do
  if redis.call('EXISTS', '${prefix}:job:' .. old) == 0 then redis.call('ZREM', KEYS[5], old) end
end
if redis.call('EXISTS', job) == 1 then return end
redis.call('HSET', job, 'createdAt', now, unpack(ARGV, 5))
redis.call('PEXPIRE', job, ARGV[4])
redis.call('ZADD', KEYS[5], now, id)`,
  /** All of a job is in the queues. ARGV: its run. */
  queued: `if isRun(ARGV[4]) and isOpen() then redis.call('PERSIST', job) end`,
  /**
   * Begins a shard or the merge. ARGV: run, its field, its key in BullMQ, 1 if it is a shard. Returns which attempt this is; 0 if it is not
   * wanted any more, −1 if its partial is there.
   */
  begin: `
if not isRun(ARGV[4]) or not isOpen() then return 0 end
if status() == 'cancelling' then redis.call('SREM', running, ARGV[6]); settle(); return 0 end
if redis.call('HEXISTS', partials, ARGV[5]) == 1 then return -1 end
redis.call('SADD', running, ARGV[6])
local attempt = redis.call('HINCRBY', attempts, ARGV[5], 1)
if ARGV[7] == '1' and attempt > 1 then redis.call('HINCRBY', job, 'retried', 1) end
redis.call('HSETNX', job, 'startedAt', now)
redis.call('HSET', job, 'status', 'running')
tell()
return attempt`,
  /** A shard or the merge no longer runs. ARGV: run, its field, its key in BullMQ, how many attempts that counts less. */
  leave: `
if not isRun(ARGV[4]) or not isOpen() then return end
redis.call('SREM', running, ARGV[6])
if ARGV[7] ~= '0' then redis.call('HINCRBY', attempts, ARGV[5], -ARGV[7]) end
settle()`,
  /**
   * Keeps the partial of a shard and counts it, once. ARGV: run, its field, its key in BullMQ, the partial, its distributions and bytes,
   * how many bytes the partials of a job may have, and the problem of one that has more. Returns 0 if they are too many.
   */
  complete: `
if not isRun(ARGV[4]) or not isOpen() then return end
redis.call('SREM', running, ARGV[6])
if status() == 'cancelling' then return settle() end
if redis.call('HSETNX', partials, ARGV[5], ARGV[7]) == 0 then return end
redis.call('HINCRBY', job, 'doneShards', 1)
redis.call('HINCRBY', job, 'doneDistributions', ARGV[8])
redis.call('HINCRBY', job, 'doneBytes', ARGV[9])
if redis.call('HINCRBY', job, 'partialBytes', #ARGV[7]) > tonumber(ARGV[10]) then finish('failed', 'problem', ARGV[11]); return 0 end
tell()`,
  /** A job is over, or cancelled if it was to be. ARGV: run, field, key in BullMQ, status, the field of what it ends with and its text. */
  finish: `
if not isRun(ARGV[4]) then return end
redis.call('SREM', running, ARGV[6])
if status() == 'cancelling' then return settle() end
finish(ARGV[7], ARGV[8], ARGV[9])`,
  cancel: `
if not isOpen() then return end
redis.call('HSET', job, 'status', 'cancelling')
redis.call('PERSIST', job)
tell()
settle()`,
  settle: 'settle()',
  /** KEYS[5] lists the jobs of the client. */
  delete: `
if isOpen() then return end
redis.call('DEL', job)
redis.call('ZREM', KEYS[5], id)`,
} as const;

export type Arguments = readonly (string | number | Buffer)[];

/** Runs scripts, of which Redis keeps the compiled form. */
export function scriptRunner(redis: Redis, retentionMs: number) {
  return (name: keyof typeof scripts, id: string, keys: readonly string[], args: Arguments = []): Promise<unknown> =>
    redis.eval(`${common}${scripts[name]}`, keys.length, ...keys, id, Date.now(), retentionMs, ...args);
}

export type RunScript = ReturnType<typeof scriptRunner>;
