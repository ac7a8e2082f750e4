import { parentPort } from 'node:worker_threads';
import type { Order } from '../../../src/jobs/shards/shard-thread.ts';

// a thread that computes nothing, and dies of its second shard
parentPort?.on('message', ({ id, shard }: Order) => {
  if (shard === 1) throw new Error('killed');
  parentPort?.postMessage({ id, partial: new Uint8Array(1) });
});
