import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { followJob } from '../../../src/explorer/service/follow-job.ts';

const job = (status: string, done: number) => ({
  id: 'job-1',
  status,
  done: status === 'succeeded',
  progress: { shards: { done, total: 3 } },
});

const events =
  (...parts: readonly string[]) =>
  () =>
    new Response(`retry: 1\n\n${parts.join('')}`);

const event = (id: string, name: string, data: unknown) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

const refused = (status: number) => () => Response.json({ status, code: 'JOBS_UNAVAILABLE', errors: [], detail: '' }, { status });

/** Answers requests one after another, and returns what was asked for: the path, and the id of the last event. */
function answering(t: TestContext, ...answers: readonly (() => Response | never)[]): string[] {
  const asked: string[] = [];
  t.mock.method(globalThis, 'fetch', async (path: string, { headers }: { headers: Record<string, string> }) => {
    asked.push([path, headers['Last-Event-ID']].join(' ').trim());
    return answers[asked.length - 1]();
  });
  return asked;
}

async function followed(): Promise<string[]> {
  const seen: string[] = [];
  const onJob = ({ status, progress }: { status: string; progress: { shards: { done: number } } }) =>
    seen.push(`${status} ${progress.shards.done}`);
  await followJob('job-1', { signal: new AbortController().signal, onJob });
  return seen;
}

test('a job is followed over streams that end, from the event after the last', async (t) => {
  // what is away is left alone for 2 s each time
  const { setTimeout: later } = globalThis;
  t.mock.method(globalThis, 'setTimeout', (then: () => void) => later(then, 0));
  const asked = answering(
    t,
    () => Response.json(job('queued', 0)),
    events(event('a', 'progress', job('running', 1))),
    () => {
      throw new TypeError('the network is away');
    },
    refused(503),
    () => new Response('<h1>Bad Gateway</h1>', { status: 502 }),
    () => new Response('', { status: 504 }),
    events(event('b', 'progress', job('running', 2)), event('c', 'done', { ...job('succeeded', 3), result: {} })),
  );
  assert.deepEqual(await followed(), ['queued 0', 'running 1', 'running 2', 'succeeded 3']);
  const stream = '/v1/jobs/job-1/events';
  assert.deepEqual(asked, ['/v1/jobs/job-1', stream, `${stream} a`, `${stream} a`, `${stream} a`, `${stream} a`, `${stream} a`]);
});

test('a job that is over has no events to wait for', async (t) => {
  const asked = answering(t, () => Response.json(job('succeeded', 3)));
  assert.deepEqual(await followed(), ['succeeded 3']);
  assert.deepEqual(asked, ['/v1/jobs/job-1']);
});

test('a job that is deleted while it is followed is refused', async (t) => {
  answering(t, () => Response.json(job('running', 1)), events(), refused(404));
  await assert.rejects(followed(), /^Error/);
});
