import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Refusal, useKey } from '../../../src/explorer/service/client.ts';
import { cancelJob, deleteJob, listJobs, submitJob } from '../../../src/explorer/service/jobs.ts';

const { signal } = new AbortController();

/** Answers every request so, and returns what was sent. */
function answering(
  t: TestContext,
  answer: () => Response,
): { method: string; path: string; headers: Record<string, string>; body: unknown }[] {
  const sent: ReturnType<typeof answering> = [];
  t.mock.method(globalThis, 'fetch', async (path: string, { method = 'GET', headers, body }: RequestInit) => {
    sent.push({ method, path, headers: headers as Record<string, string>, body });
    return answer();
  });
  return sent;
}

test('jobs are listed by status and page, cancelled and deleted at their address, with the key that was entered', async (t) => {
  const sent = answering(t, () => Response.json({ jobs: [] }));
  useKey(' secret ');
  t.after(() => useKey(''));
  await listJobs({ status: '', cursor: undefined }, signal);
  await listJobs({ status: 'running', cursor: 'a/b' }, signal);
  await cancelJob('job-1');
  await deleteJob('a/b');
  assert.deepEqual(
    sent.map(({ method, path }) => `${method} ${path}`),
    ['GET /v1/jobs?limit=20', 'GET /v1/jobs?limit=20&status=running&cursor=a%2Fb', 'POST /v1/jobs/job-1/cancel', 'DELETE /v1/jobs/a%2Fb'],
  );
  assert.ok(sent.every(({ headers }) => headers['X-API-Key'] === 'secret'));
});

test('what is submitted is sent as it was typed, with an Idempotency-Key where there is one', async (t) => {
  const sent = answering(t, () => Response.json({}));
  await submitJob('{"a": 1', '');
  await submitJob('{}', 'nightly');
  assert.deepEqual(
    sent.map(({ body, headers }) => [body, headers['Idempotency-Key'], headers['X-API-Key']]),
    [
      ['{"a": 1', undefined, undefined],
      ['{}', 'nightly', undefined],
    ],
  );
});

test('a refusal is the problem of the service; of one without room, it says when to ask again', async (t) => {
  const headers = { 'Retry-After': '5' };
  answering(t, () => Response.json({ status: 503, detail: 'away', code: 'JOBS_UNAVAILABLE' }, { status: 503, headers }));
  await assert.rejects(cancelJob('a'), (error) => error instanceof Refusal && error.message === 'away' && error.retryAfterMs === 5000);
});

test('a refusal of what stands before the service has its status', async (t) => {
  answering(t, () => new Response('<h1>Forbidden</h1>', { status: 403 }));
  await assert.rejects(cancelJob('a'), (error) => error instanceof Refusal && error.problem.status === 403);
});
