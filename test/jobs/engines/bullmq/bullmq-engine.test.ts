import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Redis } from 'ioredis';
import { EngineUnavailable, type JobEngine } from '../../../../src/jobs/engine.ts';
import { createBullmqEngine } from '../../../../src/jobs/engines/bullmq/bullmq-engine.ts';
import { createJobService } from '../../../../src/jobs/job-service.ts';
import { type EngineOptions, engineConforms } from '../conformance.ts';
import { freePort, noRedis, startedRedis } from '../redis-server.ts';
import { fault, type ToyPlan, toyJob, toyWorker, until } from '../toy-worker.ts';

const skip = noRedis;

type BullmqTimes = EngineOptions & { readonly timesMs?: Partial<Record<'start' | 'command', number>> };

async function store(t: TestContext) {
  const redis = await startedRedis();
  const engines: JobEngine[] = [];
  t.after(async () => {
    await Promise.all(engines.map((engine) => engine.close()));
    await redis.kill();
    redis.remove();
  });
  const report = (error: unknown) => t.diagnostic(String(error));
  return {
    redis,
    forProcess: { url: redis.url },
    engine: async ({ retentionMs = 60_000, timesMs = {} }: BullmqTimes = {}) => {
      const engine = await createBullmqEngine({ url: redis.url, retentionMs, timesMs: { backoff: 5, ...timesMs }, report });
      engines.push(engine);
      return engine;
    },
  };
}

engineConforms({ name: 'bullmq', skip, store });

const succeeded = (engine: JobEngine, id: string) =>
  until(async () => {
    const record = await engine.find(id, 'ann').catch(() => undefined);
    return record?.status === 'succeeded' ? record : undefined;
  });

test('bullmq: a Redis that is killed in the middle and comes back loses nothing, and nothing is counted twice', { skip }, async (t) => {
  const { redis, engine: newEngine } = await store(t);
  const engine = await newEngine({ timesMs: { lease: 1_000 } });
  const begun: number[] = [];
  engine.work(toyWorker({ concurrency: 2, during: (index) => void begun.push(index) }));
  await engine.submit(toyJob('job-1', 60, { ms: 20 }));
  await until(() => begun.length >= 20);
  await redis.kill();
  await redis.start();
  const { result, progress } = await succeeded(engine, 'job-1');
  assert.deepEqual([result, progress.shards.done, progress.bytes.done], ['each of 60 once', 60, 600]);
});

test('bullmq: while Redis is away every question fails at once, and shards that run are stored when it is back', { skip }, async (t) => {
  const { redis, engine: newEngine } = await store(t);
  const engine = await newEngine({ timesMs: { lease: 60_000 } });
  let isAway = false;
  let begun = 0;
  engine.work(
    toyWorker({
      during: async () => {
        begun += 1;
        await until(() => isAway);
      },
    }),
  );
  await engine.submit(toyJob('job-1', 3));
  await until(() => begun === 1);
  await redis.kill();
  for (const question of [
    () => engine.submit(toyJob('job-2', 1)),
    () => engine.find('job-1', 'ann'),
    () => engine.list('ann', { limit: 1 }),
    () => engine.cancel('job-1', 'ann'),
    () => engine.remove('job-1', 'ann'),
    () => engine.load('1'),
  ]) {
    await assert.rejects(question, EngineUnavailable);
  }
  isAway = true;
  await redis.start();
  const { result, progress } = await succeeded(engine, 'job-1');
  assert.deepEqual([result, progress.shards.retried, begun], ['each of 3 once', 0, 3]);
  await engine.submit(toyJob('job-2', 1));
  await succeeded(engine, 'job-2');
});

test('bullmq: a Redis that stops for longer than a lease fails every question and loses nothing, and nothing is counted twice', {
  skip,
}, async (t) => {
  const { redis, engine: newEngine } = await store(t);
  const timesMs = { lease: 500, command: 1_500 };
  const [engine, other] = [await newEngine({ timesMs }), await newEngine({ timesMs })];
  let begun = 0;
  const during = () => {
    begun += 1;
  };
  engine.work(toyWorker({ concurrency: 2, during }));
  other.work(toyWorker({ concurrency: 2, during }));
  await engine.submit(toyJob('job-1', 60, { ms: 20 }));
  await until(() => begun >= 20);
  const goOn = redis.pause();
  t.after(goOn);
  // the question is given up after longer than a lease
  await assert.rejects(engine.find('job-1', 'ann'), EngineUnavailable);
  goOn();
  const { result, progress } = await succeeded(engine, 'job-1');
  assert.deepEqual([result, progress.shards.done, progress.bytes.done], ['each of 60 once', 60, 600]);
  await other.submit(toyJob('job-2', 1));
  await succeeded(other, 'job-2');
});

test('bullmq: an engine whose Redis is away stops and closes all the same', { skip }, async (t) => {
  const { redis, engine: newEngine } = await store(t);
  const engine = await newEngine();
  let begun = 0;
  engine.work(
    toyWorker({
      during: async () => {
        begun += 1;
        await new Promise(() => {});
      },
    }),
  );
  await engine.submit(toyJob('job-1', 3));
  await until(() => begun === 1);
  await redis.kill();
  await engine.close();
});

test('bullmq: a Redis that might lose jobs is refused in a line that says what to set', { skip }, async (t) => {
  for (const [options, line] of [
    [['--appendonly', 'no'], 'the Redis of the jobs would lose them: aof_enabled is 0, set appendonly yes'],
    [
      ['--maxmemory-policy', 'allkeys-lru'],
      'the Redis of the jobs would lose them: maxmemory_policy is allkeys-lru, set maxmemory-policy noeviction',
    ],
  ] as const) {
    const redis = await startedRedis(options);
    t.after(async () => {
      await redis.kill();
      redis.remove();
    });
    await assert.rejects(createBullmqEngine({ url: redis.url, retentionMs: 1_000, report: () => {} }), { message: line });
  }
});

test('bullmq: a Redis that cannot be reached at the start is unavailable, and its password is told to nobody', async () => {
  const told: unknown[] = [];
  const url = `redis://:canary-password@127.0.0.1:${await freePort()}`;
  const error = await createBullmqEngine({ url, retentionMs: 1_000, timesMs: { start: 500 }, report: (one) => told.push(one) }).catch(
    (one) => one,
  );
  assert.ok(error instanceof EngineUnavailable);
  assert.ok(told.length > 0);
  assert.ok(!JSON.stringify([error, ...told].map((one) => [String(one), one])).includes('canary-password'));
});

test('bullmq: a Redis that is reached and then cannot serve is unavailable, so that it is tried again', async (t) => {
  // ready for its clients, and busy with its file when it is asked whether it might lose jobs
  const redis = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (const [, command] of String(data).matchAll(/\*\d+\r\n((?:\$\d+\r\n.*\r\n)+)/g)) {
        const isQuestion = /info/i.test(command);
        const answer = /persistence/.test(command)
          ? '-LOADING Redis is loading the dataset in memory'
          : isQuestion
            ? '$9\r\nloading:0'
            : '+OK';
        socket.write(`${answer}\r\n`);
      }
    });
  });
  redis.listen(0, '127.0.0.1');
  await once(redis, 'listening');
  t.after(() => redis.close());
  const url = `redis://127.0.0.1:${(redis.address() as AddressInfo).port}`;
  await assert.rejects(createBullmqEngine({ url, retentionMs: 1000, report: () => {} }), (error: Error) => {
    assert.ok(error instanceof EngineUnavailable, error.message);
    assert.match(error.message, /LOADING/);
    return true;
  });
});

test('bullmq: a Redis that forbids to subscribe is refused, and no connection to it stays', { skip }, async (t) => {
  const { redis } = await store(t);
  const raw = new Redis(redis.url);
  t.after(() => raw.disconnect());
  await raw.call('ACL', 'SETUSER', 'mute', 'on', 'nopass', '~*', '&*', '+@all', '-subscribe');
  const url = redis.url.replace('redis://', 'redis://mute:any@');
  await assert.rejects(createBullmqEngine({ url, retentionMs: 1_000, report: () => {} }), /no permissions to run the 'subscribe' command/);
  await until(async () => !String(await raw.client('LIST')).includes('user=mute'));
});

test('bullmq: a submission that ended before its shards were queued is completed by the next one', { skip }, async (t) => {
  const { redis, engine: newEngine } = await store(t);
  const engine = await newEngine();
  const raw = new Redis(redis.url);
  t.after(() => raw.disconnect());
  const first = await engine.submit(toyJob('job-1', 3));
  await raw.del(...(await raw.keys('{kl-jobs}:shards-*')), ...(await raw.keys('{kl-jobs}:merges-*')));
  await raw.pexpire('{kl-jobs}:job:job-1', 60_000);
  assert.deepEqual(await engine.load('1'), { waiting: 0, running: 0 });
  assert.deepEqual(await engine.submit(toyJob('job-1', 3)), first);
  assert.equal(await raw.pttl('{kl-jobs}:job:job-1'), -1);
  engine.work(toyWorker());
  assert.equal((await succeeded(engine, 'job-1')).result, 'each of 3 once');
});

test('bullmq: a submission that ended before its shards were queued is completed by the next one with its key', { skip }, async (t) => {
  const { redis, engine: newEngine } = await store(t);
  const engine = await newEngine();
  const raw = new Redis(redis.url);
  t.after(() => raw.disconnect());
  const { plan, shards, version } = toyJob('job-1', 3);
  const service = createJobService(engine, async () => ({ plan: { ...(plan as ToyPlan), items: [] }, shards, version }));
  const request = Buffer.from('{"input": {"uri": "file:///input.npy"}, "target": {"uri": "file:///target.npy"}}');
  const submit = () => service.submit(request, { client: 'ann', key: 'nightly', waitMs: 0 }, new AbortController().signal);
  const { id } = await submit();
  await raw.del(...(await raw.keys('{kl-jobs}:shards-*')), ...(await raw.keys('{kl-jobs}:merges-*')));
  await raw.pexpire(`{kl-jobs}:job:${id}`, 60_000);
  assert.equal((await submit()).id, id);
  assert.equal(await raw.pttl(`{kl-jobs}:job:${id}`), -1);
  engine.work(toyWorker());
  assert.equal((await succeeded(engine, id)).result, 'each of 3 once');
});

test('bullmq: of a job that is over nothing but its record stays in Redis, and that expires', { skip }, async (t) => {
  const { redis, engine: newEngine } = await store(t);
  const engine = await newEngine();
  const raw = new Redis(redis.url);
  t.after(() => raw.disconnect());
  engine.work(
    toyWorker({
      concurrency: 2,
      during: (index) => {
        if (index === 2) throw fault('SOURCE_CHANGED', false);
      },
    }),
  );
  for (const [id, shards, status] of [
    ['job-good', 2, 'succeeded'],
    ['job-bad', 3, 'failed'],
    ['job-ended', 9, 'cancelled'],
  ] as const) {
    await engine.submit(toyJob(id, shards, { ms: status === 'cancelled' ? 60_000 : 0 }));
    if (status === 'cancelled') {
      await until(async () => (await engine.load('1')).running === 2);
      await engine.cancel(id, 'ann');
    }
    await until(async () => (await engine.find(id, 'ann'))?.status === status);
    await until(async () => (await raw.keys(`*${id}*`)).length === 1);
    assert.deepEqual(await raw.keys(`*${id}*`), [`{kl-jobs}:job:${id}`]);
    assert.ok((await raw.pttl(`{kl-jobs}:job:${id}`)) > 0);
  }
});
