import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { z } from 'zod';
import type { job } from '../../src/schema/jobs.ts';
import { started } from '../service-process.ts';
import { noRedis, startedRedis } from './engines/redis-server.ts';
import { until } from './engines/toy-worker.ts';
import { storedLogits } from './stored-logits.ts';

type Job = z.infer<typeof job>;

/** One that is done, and one for each instance. */
const shards = 3;

/** Two processes of the service on one Redis, each with one thread for jobs, and a store of logits. */
async function twoInstances(t: TestContext) {
  const redis = await startedRedis();
  t.after(async () => {
    await redis.kill();
    redis.remove();
  });
  const { state, request, settings } = await storedLogits(t, shards);
  const env = { AUTH: 'none', WORKERS: '1', JOB_WORKERS: '1', JOBS: 'redis', JOBS_REDIS_URL: redis.url, ...settings };
  const instances = await Promise.all([started(t, env), started(t, env)]);
  const [first, second] = instances.map(({ port, child }) => ({ child, ...caller(`http://127.0.0.1:${port}`) }));
  /** Holds back the answers to reads of some shards; what it returns waits until so many are held back. */
  const holding = (isHeld: (shard: number) => boolean) => {
    state.held.clear();
    state.isHeld = isHeld;
    return async (count: number) => until(() => state.held.size >= count);
  };
  return { redis, state, request, first, second, holding };
}

function caller(origin: string) {
  const call = async (method: string, path: string, body?: object) => {
    const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const reply = await fetch(`${origin}${path}`, { method, ...json });
    return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Job & { jobs: Job[]; code?: string } };
  };
  /** All that comes until the job is over. */
  const events = async (id: string) => (await fetch(`${origin}/v1/jobs/${id}/events`)).text();
  return {
    submit: async (request: object) => {
      const { status, body } = await call('POST', '/v1/jobs', request);
      assert.equal(status, 202, JSON.stringify(body));
      return body;
    },
    read: (id: string) => call('GET', `/v1/jobs/${id}`),
    list: async () => (await call('GET', '/v1/jobs')).body.jobs,
    cancel: (id: string) => call('POST', `/v1/jobs/${id}/cancel`),
    isReady: async () => (await fetch(`${origin}/readyz`)).ok,
    events,
    ended: (id: string) =>
      until(async () => {
        // they end earlier where the instance loses its Redis
        await events(id);
        const { body } = await call('GET', `/v1/jobs/${id}`);
        return body.done ? body : undefined;
      }),
  };
}

// one pair of instances for all, of which the last loses one
test('two instances', { skip: noRedis }, async (t) => {
  const { redis, state, request, first, second, holding } = await twoInstances(t);

  await t.test('a job is read, listed, watched and cancelled at another instance than it was submitted to', async () => {
    const begun = holding(() => true);
    const { id } = await first.submit(request);
    await begun(2);
    const { body } = await second.read(id);
    assert.deepEqual([body.id, body.status, body.progress.shards], [id, 'running', { done: 0, total: shards, retried: 0 }]);
    assert.deepEqual(
      (await second.list()).map((job) => job.id),
      [id],
    );
    const watched = second.events(id);
    assert.match((await second.cancel(id)).body.status, /^cancell(ing|ed)$/);
    assert.equal((await first.ended(id)).status, 'cancelled');
    assert.match(await watched, /event: done\ndata: .*"status":"cancelled"/);
  });

  await t.test('while Redis stops, questions are 503 with Retry-After and the service is ready; then the job goes on', async (t) => {
    const begun = holding(() => true);
    const { id } = await first.submit(request);
    await begun(2);
    const goOn = redis.pause();
    t.after(goOn);
    const { status, headers, body } = await second.read(id);
    assert.deepEqual([status, body.code], [503, 'JOBS_UNAVAILABLE']);
    assert.match(headers.get('retry-after') ?? '', /^\d+$/);
    assert.ok(await second.isReady());
    state.isHeld = () => false;
    goOn();
    const { status: last, progress } = await second.ended(id);
    assert.deepEqual([last, progress.shards.done], ['succeeded', shards]);
  });

  await t.test('an instance that is killed in the middle of a job leaves it to the other, whose answer has the same bits', async () => {
    const begun = holding((shard) => shard !== 0);
    const { id } = await first.submit(request);
    // one shard is done, and each instance is at another one
    await begun(2);
    assert.equal(
      (await until(async () => ((await second.read(id)).body.progress.shards.done === 1 ? second.read(id) : undefined))).body.status,
      'running',
    );
    const watched = second.events(id);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    state.isHeld = () => false;
    const { status, progress, result } = await second.ended(id);
    assert.deepEqual([status, progress.shards], ['succeeded', { done: shards, total: shards, retried: 1 }]);
    assert.match(await watched, /event: done\ndata: .*"status":"succeeded"/);
    const again = await second.ended((await second.submit(request)).id);
    assert.deepEqual(again.result, result);
  });
});
