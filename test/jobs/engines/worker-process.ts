import { once } from 'node:events';
import type { JobEngine } from '../../../src/jobs/engine.ts';
import { createLocalEngine } from '../../../src/jobs/engines/local/local-engine.ts';
import { toyWorker } from './toy-worker.ts';

/** Where a process finds the jobs, and how it computes them. */
export type ProcessOptions = {
  readonly store: { readonly directory: string } | { readonly url: string };
  readonly timesMs: Record<string, number>;
  /** Ends itself in this shard. */
  readonly diesIn?: number;
  /** Ends itself so many ms after it began so many shards. */
  readonly diesAfter?: { readonly shards: number; readonly ms: number };
};

const { store, timesMs, diesIn, diesAfter } = JSON.parse(process.argv[2]) as ProcessOptions;

/** A process that works on jobs until SIGTERM, and writes the index of each shard that it begins. */
const common = { retentionMs: 60_000, timesMs, report: (error: unknown) => console.error((error as Error).message) };
const engine: JobEngine =
  'directory' in store
    ? createLocalEngine({ ...common, ...store })
    : await (await import('../../../src/jobs/engines/bullmq/bullmq-engine.ts')).createBullmqEngine({ ...common, ...store });
const die = () => process.kill(process.pid, 'SIGKILL');
let begun = 0;
const during = (index: number) => {
  process.stdout.write(`${index}\n`);
  begun += 1;
  if (index === diesIn) die();
  if (begun === diesAfter?.shards) setTimeout(die, diesAfter.ms);
};
engine.work(toyWorker({ during }));
await once(process, 'SIGTERM');
await engine.close();
