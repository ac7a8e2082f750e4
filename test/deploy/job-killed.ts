import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import type { job } from '../../src/schema/jobs.ts';
import { writeLogits } from '../bench/logits-files.ts';

/**
 * A job over two files of so many GB each, whose service is killed so many times at random shards and started again, beside the same job
 * left alone: `npm run job-killed -- 4 1`, with a third argument on the Redis of that URL. Needs that much room twice under TMPDIR. Exits
 * with 1 if a bit of the answer differs.
 */
const [gigabytes, kills] = [Number(process.argv[2] ?? 4), Number(process.argv[3] ?? 1)];
const redis = process.argv[4];
const vocabulary = 128_000;
const tokens = Math.round((gigabytes * 1e9) / (2 * vocabulary));

const folder = mkdtempSync(join(tmpdir(), 'job-killed-'));
const prefix = pathToFileURL(`${folder}/`).href;
const server = new URL('../../src/server.ts', import.meta.url).pathname;

type Job = z.infer<typeof job>;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Starts the service, and returns it with its address. */
async function start(): Promise<{ child: ChildProcess; url: string }> {
  const queue = redis === undefined ? { JOBS_DIR: join(folder, 'queue') } : { JOBS: 'redis', JOBS_REDIS_URL: redis };
  const env = { PATH: process.env.PATH, PORT: '0', JOB_SOURCES: prefix, ...queue };
  const child = spawn(process.execPath, [server], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const url = /listening at (http:\/\/[^"]+)/.exec(line)?.[1];
    if (url !== undefined) {
      child.stdout?.resume();
      return { child, url };
    }
  }
  throw new Error('the service ended');
}

const submit = async (url: string, key: string): Promise<Job> => {
  const [input, target] = ['input', 'target'].map((name) => ({ uri: `${prefix}${name}.safetensors` }));
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const reply = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify({ input, target, statistics: true }) });
  return reply.json() as Promise<Job>;
};

/** Looks at a job until something is true of it. */
async function until(url: string, id: string, isTrue: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as Job;
    if (isTrue(job)) return job;
    await sleep(50);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await once(child, 'exit');
}

try {
  writeLogits(folder, tokens, vocabulary);
  say(`wrote 2 x (${tokens} x ${vocabulary}) float16`);
  let { child, url } = await start();
  let begin = performance.now();
  const alone = await until(url, (await submit(url, `alone ${folder}`)).id, ({ done }) => done);
  const { shards } = alone.progress;
  const seconds = () => ((performance.now() - begin) / 1000).toFixed(1);
  say(`alone: ${alone.status} after ${seconds()} s, ${shards.total} shards`);
  begin = performance.now();
  const { id } = await submit(url, `killed ${folder}`);
  for (let kill = 0; kill < kills; kill += 1) {
    const enough = (shards.total * (kill + Math.random())) / kills;
    const { progress } = await until(url, id, (job) => job.done || job.progress.shards.done >= enough);
    await end(child, 'SIGKILL');
    say(`killed after ${seconds()} s, with ${progress.shards.done} shards done`);
    ({ child, url } = await start());
  }
  const killed = await until(url, id, ({ done }) => done);
  say(`resumed: ${killed.status} after ${seconds()} s, ${killed.progress.shards.retried} shards computed again`);
  await end(child, 'SIGTERM');
  assert.deepEqual(killed.result, alone.result);
  say('the answers are the same, to the last bit');
} finally {
  rmSync(folder, { recursive: true });
}
