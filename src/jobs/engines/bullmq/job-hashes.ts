import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type JobRecord, type JobStatus, type JsonValue, type NewJob, overStatuses, type ShardSize } from '../../engine.ts';
import type { Position } from '../cursor.ts';
import { clientKey, jobKeys } from './keys.ts';
import type { RunScript } from './scripts.ts';

/** What is queued of a job. */
export type Run = { readonly id: string; readonly version: string; readonly run: string; readonly sizes: readonly ShardSize[] };

/** A job whose shards are not queued yet is kept this long: its submission failed, and is tried again or is not. */
const unqueuedMs = 60_000;

/** This many are read at once to find those of a status. */
const batch = 100;

const fields = [
  ...['id', 'client', 'fingerprint', 'version', 'status', 'plan', 'result', 'problem', 'createdAt', 'startedAt', 'finishedAt'],
  ...['expiresAt', 'shards', 'doneShards', 'retried', 'distributions', 'doneDistributions', 'bytes', 'doneBytes'],
] as const;

type Hash = { readonly [field: string]: string | null };

/** The jobs in Redis, a hash each. Redis deletes them when they expire. */
export function jobHashes(redis: Redis, script: RunScript) {
  async function read(id: string): Promise<JobRecord | undefined> {
    const record = recordOf(await redis.hmget(jobKeys(id)[0], ...fields));
    if (record?.status !== 'cancelling') return record;
    // the worker may have died, and this is the only place that finds out
    await script('settle', id, jobKeys(id));
    return recordOf(await redis.hmget(jobKeys(id)[0], ...fields));
  }

  return {
    read,
    isOver: async (id: string): Promise<boolean> => overStatuses.includes((await redis.hget(jobKeys(id)[0], 'status')) as JobStatus),
    async insert({ id, client, fingerprint, version, shards }: NewJob, planText: string): Promise<boolean> {
      const total = (key: keyof ShardSize) => shards.reduce((sum, shard) => sum + shard[key], 0);
      const hash = {
        ...{
          id,
          client,
          fingerprint,
          version,
          status: 'queued',
          plan: planText,
          createdAt: Date.now(),
          run: randomBytes(6).toString('hex'),
        },
        ...{ shards: shards.length, distributions: total('distributions'), bytes: total('bytes'), sizes: JSON.stringify(shards) },
        ...{ doneShards: 0, doneDistributions: 0, doneBytes: 0, retried: 0 },
      };
      return (await script('insert', id, [...jobKeys(id), clientKey(client)], [unqueuedMs, ...Object.entries(hash).flat()])) === 1;
    },
    /** What is still to be queued of a job: nothing, if it is over or all of it is. */
    async unqueued(id: string): Promise<Run | undefined> {
      const [key] = jobKeys(id);
      const [[run, version, sizes], ttl] = await Promise.all([redis.hmget(key, 'run', 'version', 'sizes'), redis.pttl(key)]);
      return ttl > 0 && run && version && sizes ? { id, version, run, sizes: JSON.parse(sizes) } : undefined;
    },
    async runOf(id: string): Promise<{ readonly run: string; readonly version: string } | undefined> {
      const [run, version] = await redis.hmget(jobKeys(id)[0], 'run', 'version');
      return run && version ? { run, version } : undefined;
    },
    async page(
      client: string,
      { status, before, limit }: { status: JobStatus | undefined; before: Position | undefined; limit: number },
    ): Promise<readonly JobRecord[]> {
      const found: JobRecord[] = [];
      for (let offset = 0; ; offset += batch) {
        const ids = await redis.zrevrangebyscore(clientKey(client), before?.createdAt ?? '+inf', '-inf', 'LIMIT', offset, batch);
        const records = await Promise.all(ids.map(read));
        for (const record of records) {
          const isAfter = record && (!before || record.createdAt < before.createdAt || record.id < before.id);
          if (isAfter && (!status || record.status === status)) found.push(record);
          if (found.length === limit) return found;
        }
        if (ids.length < batch) return found;
      }
    },
  };
}

function recordOf(values: readonly (string | null)[]): JobRecord | undefined {
  const hash: Hash = Object.fromEntries(fields.map((field, index) => [field, values[index]]));
  if (hash.id === null) return undefined;
  const json = (field: string): JsonValue | undefined => (hash[field] === null ? undefined : JSON.parse(String(hash[field])));
  const number = (field: string) => Number(hash[field]);
  const time = (field: string) => (hash[field] === null ? undefined : number(field));
  return {
    id: String(hash.id),
    client: String(hash.client),
    fingerprint: String(hash.fingerprint),
    version: String(hash.version),
    status: hash.status as JobStatus,
    createdAt: number('createdAt'),
    startedAt: time('startedAt'),
    finishedAt: time('finishedAt'),
    expiresAt: time('expiresAt'),
    progress: {
      shards: { total: number('shards'), done: number('doneShards'), retried: number('retried') },
      distributions: { total: number('distributions'), done: number('doneDistributions') },
      bytes: { total: number('bytes'), done: number('doneBytes') },
    },
    plan: JSON.parse(String(hash.plan)),
    result: json('result'),
    problem: json('problem'),
  };
}
