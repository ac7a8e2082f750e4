import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type JobRecord, type JobState, type JobStatus, type JsonValue, type NewJob, overStatuses, type ShardSize } from '../../engine.ts';
import type { Position } from '../cursor.ts';
import { clientKey, jobKeys } from './keys.ts';
import type { RunScript } from './scripts.ts';

/** What is queued of a job. */
export type Run = { readonly id: string; readonly version: string; readonly run: string; readonly sizes: readonly ShardSize[] };

/** A job whose shards are not queued yet is kept this long: its submission failed, and is tried again or is not. */
const unqueuedMs = 60_000;

/** This many are read at once to find those of a status. */
const batch = 100;

const stateFields = [
  ...['id', 'client', 'fingerprint', 'version', 'status', 'problem', 'createdAt', 'startedAt', 'finishedAt'],
  ...['expiresAt', 'shards', 'doneShards', 'retried', 'distributions', 'doneDistributions', 'bytes', 'doneBytes'],
] as const;

const documentFields = ['plan', 'result'] as const;

type Hash = { readonly [field: string]: string | null };

/** The jobs in Redis, a hash each. Redis deletes them when they expire. */
export function jobHashes(redis: Redis, script: RunScript) {
  async function hashOf(id: string, fields: readonly string[]): Promise<Hash> {
    const values = await redis.hmget(jobKeys(id)[0], ...fields);
    return Object.fromEntries(fields.map((field, index) => [field, values[index]]));
  }

  /** What some fields of a job say, once it is settled. */
  async function settled(id: string, fields: readonly string[]): Promise<Hash | undefined> {
    const hash = await hashOf(id, fields);
    if (hash.id === null) return undefined;
    if (hash.status !== 'cancelling') return hash;
    // the worker may have died, and this is the only place that finds out
    await script('settle', id, jobKeys(id));
    return hashOf(id, fields);
  }

  async function readState(id: string): Promise<JobState | undefined> {
    const hash = await settled(id, stateFields);
    return hash && stateOf(hash);
  }

  return {
    async read(id: string): Promise<JobRecord | undefined> {
      const hash = await settled(id, [...stateFields, ...documentFields]);
      return hash && { ...stateOf(hash), plan: JSON.parse(String(hash.plan)), result: hash.result ?? undefined };
    },
    readState,
    isOver: async (id: string): Promise<boolean> => overStatuses.includes((await redis.hget(jobKeys(id)[0], 'status')) as JobStatus),
    async insert({ id, client, fingerprint, version, shards }: NewJob, planText: string): Promise<void> {
      const total = (key: keyof ShardSize) => shards.reduce((sum, shard) => sum + shard[key], 0);
      const hash = {
        ...{ id, client, fingerprint, version, status: 'queued', plan: planText, run: randomBytes(6).toString('hex') },
        ...{ shards: shards.length, distributions: total('distributions'), bytes: total('bytes'), sizes: JSON.stringify(shards) },
        ...{ doneShards: 0, doneDistributions: 0, doneBytes: 0, retried: 0 },
      };
      await script('insert', id, [...jobKeys(id), clientKey(client)], [unqueuedMs, ...Object.entries(hash).flat()]);
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
    ): Promise<readonly JobState[]> {
      const found: JobState[] = [];
      for (let offset = 0; ; offset += batch) {
        const ids = await redis.zrevrangebyscore(clientKey(client), before?.createdAt ?? '+inf', '-inf', 'LIMIT', offset, batch);
        const records = await Promise.all(ids.map(readState));
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

const jsonOf = (text: string | null): JsonValue | undefined => (text === null ? undefined : JSON.parse(text));

function stateOf(hash: Hash): JobState {
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
    problem: jsonOf(hash.problem),
  };
}
