import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import Fastify from 'fastify';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { createDrain } from '../../../src/http/connection/drain.ts';
import { registerErrorHandler } from '../../../src/http/hooks/error-handler.ts';
import { registerJobs } from '../../../src/http/routes/jobs.ts';
import { EngineUnavailable, type JobEngine } from '../../../src/jobs/engine.ts';
import { createJobService } from '../../../src/jobs/job-service.ts';
import { sharedApp } from '../../helper.ts';

const path = '/v1/jobs';

const folder = mkdtempSync(join(tmpdir(), 'jobs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const allowed = pathToFileURL(folder).href;
const operand = { uri: `${allowed}/x.safetensors` };
const tensor = { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) };
writeFileSync(join(folder, 'x.safetensors'), Buffer.concat(writeSafetensors({ x: tensor }, {})));

/** A job over one file. */
const request = { input: operand, target: operand };

/** A service whose jobs stay queued. */
const waiting = () => sharedApp({ JOB_SOURCES: allowed, JOBS_DIR: join(folder, 'queue'), JOB_WORKERS: '0' });

const inShort = ({ status, body }: { status: number; body: { code: string; errors: { pointer: string }[] } }) =>
  `${status} ${body.code} ${body.errors[0].pointer}`;

test('JOBS_DISABLED is 404, where no place is named that tensors may come from', async () => {
  const { http } = await sharedApp();
  assert.equal(inShort(await http.post(path).send({})), '404 JOBS_DISABLED #');
});

test('JOB_NOT_FOUND is 404, for a job that nobody has submitted', async () => {
  const { http } = await waiting();
  assert.equal(inShort(await http.get(`${path}/job-1`)), '404 JOB_NOT_FOUND #');
});

test('JOB_NOT_OVER is 409, for a job that is to be deleted while it waits', async () => {
  const { http } = await waiting();
  const { headers } = await http.post(path).send(request).expect(202);
  assert.equal(inShort(await http.delete(headers.location)), '409 JOB_NOT_OVER #');
});

test('IDEMPOTENCY_KEY_REUSED is 422, for another request with the same key', async () => {
  const { http } = await waiting();
  await http.post(path).set('idempotency-key', 'a').send(request).expect(202);
  assert.equal(
    inShort(
      await http
        .post(path)
        .set('idempotency-key', 'a')
        .send({ ...request, base: 2 }),
    ),
    '422 IDEMPOTENCY_KEY_REUSED #',
  );
});

test('DIM_NOT_CONTIGUOUS is 422, for an axis that is not the last one', async () => {
  const { http } = await waiting();
  assert.equal(inShort(await http.post(path).send({ ...request, dim: 0 })), '422 DIM_NOT_CONTIGUOUS #/dim');
});

test('JOBS_UNAVAILABLE is 503 with Retry-After, while the queue cannot be reached', async (t) => {
  const away = async () => {
    throw new EngineUnavailable('away');
  };
  const engine = { find: away, list: away, cancel: away, remove: away, submit: away } as unknown as JobEngine;
  const app = Fastify();
  t.after(() => app.close());
  app.setSerializerCompiler(() => JSON.stringify);
  app.setValidatorCompiler(() => (value) => ({ value }));
  registerErrorHandler(app);
  registerJobs(
    app,
    createJobService(engine, async () => ({ plan: {}, shards: [], version: '1' })),
    createDrain(),
  );
  for (const [method, url] of [
    ['GET', path],
    ['GET', `${path}/a`],
    ['DELETE', `${path}/a`],
    ['POST', `${path}/a/cancel`],
    ['GET', `${path}/a/events`],
  ] as const) {
    const reply = await app.inject({ method, url });
    assert.deepEqual(
      [reply.statusCode, reply.json().code, reply.headers['retry-after']],
      [503, 'JOBS_UNAVAILABLE', '5'],
      `${method} ${url}`,
    );
  }
});
