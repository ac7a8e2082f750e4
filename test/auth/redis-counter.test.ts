import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startedApp } from '../helper.ts';
import { noRedis as skip, startedRedis } from '../jobs/engines/redis-server.ts';
import { movingAddress } from '../moving-address.ts';

const password = 'canary-password-of-redis';

/** A Redis with a password, that keeps nothing. */
async function redisWithPassword(t: TestContext) {
  const redis = await startedRedis(['--appendonly', 'no', '--requirepass', password]);
  t.after(async () => {
    await redis.kill();
    redis.remove();
  });
  return { ...redis, port: Number(new URL(redis.url).port) };
}

const envOf = (port: number, more: Record<string, string> = {}) => ({
  QUOTA_ELEMENTS: '1000',
  REDIS_URL: `redis://:${password}@127.0.0.1:${port}`,
  ...more,
});

type Http = Awaited<ReturnType<typeof startedApp>>['http'];

async function leftTo(http: Http): Promise<number> {
  const { headers } = await http.get('/v1/info').expect(200);
  return Number(/r=(\d+)/.exec(headers.ratelimit)?.[1]);
}

test('replicas share quotas through Redis; while it hangs or is gone each counts alone and answers; when it is back they share again', {
  skip,
}, async (t) => {
  const { port, pause, kill, start } = await redisWithPassword(t);
  const one = await startedApp(t, envOf(port));
  const two = await startedApp(t, envOf(port));
  const said = (text: RegExp) => one.lines.filter(({ msg }) => text.test(String(msg))).length;
  assert.equal(said(/quotas shared/), 1);
  assert.deepEqual([await leftTo(one.http), await leftTo(two.http), await leftTo(one.http)], [999, 998, 997]);

  const goOn = pause();
  assert.equal(await leftTo(one.http), 999);
  assert.equal(await leftTo(one.http), 998);
  assert.equal(said(/counted by this process alone/), 1);
  goOn();
  while ((await leftTo(one.http)) > 997 - 1 || said(/quotas shared/) < 2) await sleep(100);
  const shared = await leftTo(two.http);
  assert.equal(await leftTo(one.http), shared - 1);

  await kill();
  await leftTo(one.http);
  await leftTo(one.http);
  assert.equal(said(/counted by this process alone/), 2);

  await start();
  while (said(/quotas shared/) < 3) {
    await leftTo(one.http);
    await sleep(100);
  }
  assert.ok(!JSON.stringify([one.lines, two.lines]).includes(password));
});

test('a service that starts while Redis is down counts alone, and shares once it is up', { skip }, async (t) => {
  const { port, kill, start } = await redisWithPassword(t);
  await kill();
  const { http, lines } = await startedApp(t, envOf(port));
  assert.equal(await leftTo(http), 999);
  await start();
  while (!lines.some(({ msg }) => /quotas shared/.test(String(msg)))) {
    await leftTo(http);
    await sleep(100);
  }
});

test('after a failover that leaves its connection with a replica, which takes no writes, a service shares its quotas again', {
  skip,
}, async (t) => {
  const ports = [(await redisWithPassword(t)).port, (await redisWithPassword(t)).port];
  const address = await movingAddress(ports[0]);
  t.after(address.close);
  const { http, lines } = await startedApp(t, envOf(Number(new URL(address.url).port)));
  const shared = () => lines.filter(({ msg }) => /quotas shared/.test(String(msg))).length;
  await leftTo(http);
  assert.equal(shared(), 1);

  address.move(ports[1]);
  const first = new Redis({ port: ports[0], password });
  await first.replicaof('127.0.0.1', ports[1]);
  first.disconnect();
  while (shared() < 2) {
    await leftTo(http);
    await sleep(100);
  }
});

test('a password that Redis does not take is no outage, and is not logged', { skip }, async (t) => {
  const { port } = await redisWithPassword(t);
  const { http, lines } = await startedApp(t, envOf(port, { REDIS_URL: `redis://:canary-wrong@127.0.0.1:${port}` }));
  assert.equal(await leftTo(http), 999);
  assert.match(JSON.stringify(lines), /counted by this process alone/);
  assert.doesNotMatch(JSON.stringify(lines), /canary/);
});

test('of requests that come to two replicas at once one crosses the quota; what a request reserved and did not compute is given back', {
  skip,
}, async (t) => {
  const { port } = await redisWithPassword(t);
  const replicas = await Promise.all([startedApp(t, envOf(port)), startedApp(t, envOf(port))]);
  const numbers = Array.from({ length: 400 }, (_, k) => k);
  const small = { input: numbers.slice(0, 10), target: numbers.slice(0, 10) };
  const post = ({ http }: (typeof replicas)[number], body: object) => http.post('/v1/kl-divergence').send(body);
  for (const left of [990, 980]) {
    const { headers } = await post(replicas[0], small).expect(200);
    assert.match(headers.ratelimit, new RegExp(`;r=${left};`));
  }
  assert.equal(await leftTo(replicas[1].http), 979);
  const large = { input: Array(20).fill(numbers), target: Array(20).fill(numbers) };
  const statuses = await Promise.all(Array.from({ length: 20 }, async (_, k) => (await post(replicas[k % 2], large)).status));
  assert.deepEqual(
    statuses.toSorted(),
    Array.from({ length: 20 }, (_, k) => (k === 0 ? 200 : 429)),
  );
});
