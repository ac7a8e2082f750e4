import { parentPort, workerData } from 'node:worker_threads';
import { type SentError, sentError } from '../errors/sent-error.ts';
import { yieldToOthers } from '../pool/thread-priority.ts';
import type { SourceSettings } from '../sources/source-settings.ts';
import { createSources } from '../sources/sources.ts';
import type { JobRequest } from './job-request.ts';
import { planRequest } from './plan-request.ts';
import type { Planned } from './shards/plan.ts';

/** Requests for a thread, as many at once as there are. */
export type PlanOrder = { readonly id: number; readonly request: JobRequest; readonly client: string } | { readonly cancel: number };

/** What becomes of a request. Errors lose their class between threads. */
export type PlanOutcome = { readonly id: number } & ({ readonly planned: Planned } | SentError);

// the event loop comes first
yieldToOthers();

const sources = createSources(workerData as SourceSettings);
const running = new Map<number, AbortController>();

parentPort?.on('message', async (order: PlanOrder) => {
  if ('cancel' in order) return running.get(order.cancel)?.abort();
  parentPort?.postMessage(await outcomeOf(order));
});

async function outcomeOf({ id, request, client }: Extract<PlanOrder, { request: unknown }>): Promise<PlanOutcome> {
  const abort = new AbortController();
  running.set(id, abort);
  try {
    return { id, planned: await planRequest(sources, request, { client, signal: abort.signal }) };
  } catch (error) {
    return { id, ...sentError(error) };
  } finally {
    running.delete(id);
  }
}
