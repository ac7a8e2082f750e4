import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JobRecord } from '../../../src/jobs/engine.ts';
import { createBullmqEngine } from '../../../src/jobs/engines/bullmq/bullmq-engine.ts';
import { createLocalEngine } from '../../../src/jobs/engines/local/local-engine.ts';
import { toyJob, toyWorker } from '../../jobs/engines/toy-worker.ts';

// `core-engine.ts [REDIS_URL]` runs a job whose shards compute nothing once for every line, one after the other, and prints the ms of each
const [url] = process.argv.slice(2);
const shards = 300;
/** As the divergences of 130 tokens with their agreement, and the facts beside them. */
const partialBytes = 4096;

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const common = { retentionMs: 60_000, report: (error: unknown) => console.error(String(error)) };
const engine = url === undefined ? createLocalEngine({ ...common, directory: folder }) : await createBullmqEngine({ ...common, url });
engine.work(toyWorker());

/** The job when it is over. */
function ended(id: string): Promise<JobRecord> {
  const { promise, resolve } = Promise.withResolvers<JobRecord>();
  engine.watch(id, 'ann', (_state, whole) => whole && resolve(whole));
  return promise;
}

let jobs = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const id = `job-${jobs++}`;
  await engine.submit(toyJob(id, shards, { partialBytes }));
  const { startedAt, finishedAt } = await ended(id);
  process.stdout.write(`${(Number(finishedAt) - Number(startedAt)) / shards} ${shards}\n`);
}
await engine.close();
rmSync(folder, { recursive: true });
