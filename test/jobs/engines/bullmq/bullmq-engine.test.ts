import type { TestContext } from 'node:test';
import type { JobEngine } from '../../../../src/jobs/engine.ts';
import { createBullmqEngine } from '../../../../src/jobs/engines/bullmq/bullmq-engine.ts';
import { type EngineOptions, engineConforms } from '../conformance.ts';
import { noRedis, startedRedis } from '../redis-server.ts';

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
    forProcess: { url: redis.url },
    engine: async ({ retentionMs = 60_000, timesMs = {} }: EngineOptions = {}) => {
      const engine = await createBullmqEngine({ url: redis.url, retentionMs, timesMs: { backoff: 5, ...timesMs }, report });
      engines.push(engine);
      return engine;
    },
  };
}

engineConforms({ name: 'bullmq', skip: noRedis, store });
