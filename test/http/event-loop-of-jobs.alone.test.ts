import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { cases, everyNth } from '../cases.ts';
import { noRedis, startedRedis } from '../jobs/engines/redis-server.ts';
import { dearestJobs, mostPairs } from './dearest-jobs.ts';
import type { Dear } from './dearest-requests.ts';
import { ask, assertShort, longestTurn, watchedService } from './longest-turn.ts';

const path = '/v1/jobs';

const newJob = (text: string, headers = ''): Dear => ({
  path,
  status: 202,
  headers: `Content-Type: application/json\r\n${headers}`,
  body: Buffer.from(text),
});

/** The address of a job in its answer. */
const addressOf = (answer: string) => /^location: (\S+)/im.exec(answer)?.[1] ?? assert.fail(answer.slice(0, 500));

/** Where an engine keeps its jobs. */
const engines: Record<string, { skip: string | false; settings: (t: TestContext, folder: string) => Promise<Record<string, string>> }> = {
  local: { skip: false, settings: async (_t, folder) => ({ JOBS_DIR: join(folder, 'queue') }) },
  redis: {
    skip: noRedis,
    settings: async (t) => {
      const redis = await startedRedis();
      t.after(async () => {
        await redis.kill();
        redis.remove();
      });
      return { JOBS: 'redis', JOBS_REDIS_URL: redis.url };
    },
  },
};

for (const [place, [name, { skip, settings }]] of Object.entries(engines).entries()) {
  test(`no job keeps the event loop busy for more than 20 ms, whatever is asked about it: ${name}`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'dear-jobs-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const size = {
      pairs: cases(t, mostPairs, 200, 'pairs of a job that ends'),
      rows: cases(t, 2 ** 20, 2 ** 17, 'rows of another'),
    };
    const { ending, small, vast, submissions } = dearestJobs(folder, size);
    const env = { JOB_SOURCES: `${pathToFileURL(folder).href}/`, JOB_WORKERS: '1', ...(await settings(t, folder)) };
    const { child, port } = await watchedService(t, env);
    const get = (path: string) => ask(port, { path, status: 200 });
    const cancel = (job: string) => ask(port, { path: `${job}/cancel`, method: 'POST', status: 202 });
    const remove = (job: string) => ask(port, { path: job, method: 'DELETE', status: 204 });
    /** Measures a step about a job, which is made before it. */
    const short = (title: string, step: (job: string) => Promise<unknown>, make: () => Promise<string>) =>
      t.test(title, (t) =>
        assertShort(t, async () => {
          const job = await make();
          return longestTurn(child, () => step(job));
        }),
      );
    const nothing = async () => '';

    // one engine has the bodies that the other has not
    for (const [title, dear] of everyNth(t, Object.entries(submissions), 2, place)) {
      await t.test(`a submission: ${title}`, async (t) => {
        let answer = '';
        const isAnother = !dear.headers?.includes('Idempotency-Key');
        const stop = async () => dear.status === 202 && void (await cancel(addressOf(answer)));
        await assertShort(t, async () => {
          const longest = await longestTurn(child, async () => {
            answer = await ask(port, dear);
          });
          if (isAnother) await stop();
          return longest;
        });
        // the same job at each try
        if (!isAnother) await stop();
      });
    }

    const begun = async (body = vast) => addressOf(await ask(port, newJob(body)));
    await short('to cancel a job of as many shards as there may be', cancel, () => begun());
    await short('to delete such a job', remove, async () => {
      const job = await begun();
      await cancel(job);
      return job;
    });
    for (let count = 0; count < 100; count++) await cancel(await begun(small));
    await short('a list of 100 jobs', () => get(`${path}?limit=100`), nothing);

    for (const [title, body] of everyNth(t, Object.entries(ending), 2, 1 - place)) {
      let job = '';
      const end = async () => {
        job = addressOf(await ask(port, newJob(body)));
        assert.match(await get(`${job}/events`), /event: done\ndata: .*"status":"succeeded"/);
      };
      await short(`a job ${title}, from its submission to its end`, end, nothing);
      const done = async () => job;
      await short(`the answer of a job ${title}`, get, done);
      await short(`the events of a job ${title}`, (job) => get(`${job}/events`), done);
      await short(`to cancel a job ${title}, which is over`, cancel, done);
      const deleted = async () => {
        await remove(job);
        job = '';
      };
      await short(`to delete a job ${title}`, deleted, async () => {
        if (job === '') await end();
        return job;
      });
    }
  });
}
