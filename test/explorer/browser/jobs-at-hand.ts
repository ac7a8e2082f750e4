import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { createDrain } from '../../../src/http/connection/drain.ts';
import { registerBodies } from '../../../src/http/hooks/content-type.ts';
import { registerErrorHandler } from '../../../src/http/hooks/error-handler.ts';
import { registerJobs } from '../../../src/http/routes/jobs.ts';
import { JobFault } from '../../../src/jobs/engine.ts';
import { createLocalEngine } from '../../../src/jobs/engines/local/local-engine.ts';
import { createJobService } from '../../../src/jobs/job-service.ts';
import { anyAnswer } from '../../../src/tasks/json-response.ts';
import { ask, askFamily } from '../../helper.ts';

const sides = {
  input: [
    [0.1, 0.9],
    [0.5, 0.5],
    [0.7, 0.3],
  ],
  target: [
    [0.2, 0.8],
    [0.5, 0.5],
    [0.1, 0.9],
  ],
  input_kind: 'probs',
  target_kind: 'probs',
  dim: 1,
};
const kl = ask({ ...sides, reduction: ['sum', 'mean', 'batchmean', 'distribution_mean'], statistics: true });
const family = anyAnswer(
  askFamily({ ...sides, divergences: ['kl', 'reverse_kl', 'hellinger'], reduction: ['sum', 'distribution_mean'], statistics: true }),
);

/** What comes of a job, by the name of the file that its input is. */
const results: Readonly<Record<string, unknown>> = {
  kl,
  family,
  items: {
    items: [
      { id: 'layer 0', ...kl },
      { id: 'layer 1', ...kl },
    ],
  },
};

const fault = {
  type: '/problems/INVALID_VALUE',
  title: 'A value that is no number',
  status: 422,
  code: 'INVALID_VALUE',
  detail: 'expected a number, got NaN',
  errors: [{ pointer: '#/input/73204/5', code: 'INVALID_VALUE', detail: 'expected a number, got NaN' }],
  error_count: 1,
};

const shards = [1, 2, 3, 4].map((part) => ({ distributions: 1000 * part, bytes: 2_000_000_000 * part }));

/** What answers for jobs now. */
let current: FastifyInstance | undefined;

/** Puts the routes of jobs into a service: those of the test that runs. */
export function prepare(service: FastifyInstance): void {
  service.addHook('onRequest', (request, reply, done) => {
    if (current === undefined || !request.url.startsWith('/v1/jobs')) return done();
    reply.hijack();
    current.routing(request.raw, reply.raw);
  });
}

/**
 * Jobs that the engine of the service runs, and that do what the name of their input says, for this test. `release` lets those go on whose
 * input is `held`.
 */
export async function jobsAtHand(t: TestContext): Promise<{ readonly release: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), 'explorer-jobs-'));
  const engine = createLocalEngine({ directory, retentionMs: 3_600_000, report: () => {}, timesMs: { backoff: 1 } });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const tried = new Set<unknown>();
  engine.work({
    version: '1',
    concurrency: 8,
    async shard(plan, index, signal) {
      const { name } = plan as { name: string };
      if (name === 'wrong') throw new JobFault('wrong', fault, false);
      if (name === 'held' && index === 0 && !tried.has(name)) {
        tried.add(name);
        throw new JobFault('try again', fault, true);
      }
      if (name === 'held' && index > 1) await Promise.race([released, aborted(signal)]);
      return new Uint8Array(4);
    },
    merge: async (plan) => JSON.stringify(results[(plan as { name: string }).name] ?? kl),
    problemOf: (error) => ({ ...fault, detail: String(error) }),
  });
  const service = createJobService(engine, async ({ items }) => {
    const [{ input, target }] = items;
    const [from, to] = [input, target].map(({ uri }) => ({ parts: [{ uri: String(uri), pin: { size: 10_000_000_000 } }] }));
    const name = /([a-z]+)\.safetensors$/.exec(String(input.uri))?.[1] ?? '';
    // of a version that nobody runs: it waits
    return { plan: { name, items: [{ input: from, target: to }] }, shards, version: name === 'queued' ? '2' : '1' };
  });
  const app = Fastify();
  app.setValidatorCompiler(() => (value) => ({ value }));
  app.setSerializerCompiler(() => JSON.stringify);
  registerErrorHandler(app);
  registerBodies(app);
  registerJobs(app, service, createDrain());
  await app.ready();
  current = app;
  t.after(async () => {
    current = undefined;
    await app.close();
    await engine.close();
    rmSync(directory, { recursive: true });
  });
  return { release };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
