import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { createBullmqEngine } from '../../../../src/jobs/engines/bullmq/bullmq-engine.ts';
import { movingAddress } from '../../../moving-address.ts';
import { noRedis, startedRedis } from '../redis-server.ts';
import { toyJob, toyWorker, until } from '../toy-worker.ts';

/** How far a Redis is in the stream of what its primary writes. */
async function offsetOf(redis: Redis, name: 'master_repl_offset' | 'slave_repl_offset'): Promise<number> {
  return Number(new RegExp(`${name}:(\\d+)`).exec(await redis.info('replication'))?.[1]);
}

test('bullmq: after a failover that leaves its connections with a replica, jobs are taken in and computed', {
  skip: noRedis,
}, async (t) => {
  const servers = [await startedRedis(), await startedRedis()];
  const [first, second] = servers.map(({ url }) => new Redis(url));
  const ports = servers.map(({ url }) => Number(new URL(url).port));
  const address = await movingAddress(ports[0]);
  const engine = await createBullmqEngine({
    url: address.url,
    retentionMs: 60_000,
    timesMs: { backoff: 5, lease: 1_000 },
    report: () => {},
  });
  t.after(async () => {
    await engine.close();
    address.close();
    for (const redis of [first, second]) redis.disconnect();
    await Promise.all(servers.map(({ kill }) => kill()));
    for (const { remove } of servers) remove();
  });
  await second.replicaof('127.0.0.1', ports[0]);
  await until(async () => (await second.info('replication')).includes('master_link_status:up'));
  await engine.submit(toyJob('job-1', 3));

  // not WAIT, which counts only what its own connection has written
  const written = await offsetOf(first, 'master_repl_offset');
  await until(async () => (await offsetOf(second, 'slave_repl_offset')) >= written);
  await second.replicaof('NO', 'ONE');
  address.move(ports[1]);
  await first.replicaof('127.0.0.1', ports[1]);

  await until(() => engine.submit(toyJob('job-2', 1)).catch(() => false));
  engine.work(toyWorker());
  for (const [id, shards] of [
    ['job-1', 3],
    ['job-2', 1],
  ] as const) {
    const record = await until(async () => {
      const found = await engine.find(id, 'ann').catch(() => undefined);
      return found?.status === 'succeeded' ? found : undefined;
    });
    assert.equal(record.result, `each of ${shards} once`);
  }
});
