import { parentPort } from 'node:worker_threads';
import type { PlanOrder } from '../../src/jobs/plan-thread.ts';

// a thread that dies of a client, and plans nothing for others
parentPort?.on('message', (order: PlanOrder) => {
  if ('cancel' in order) return;
  if (order.client === 'ann') throw new Error('killed');
  parentPort?.postMessage({ id: order.id, planned: { plan: {}, shards: [] } });
});
