import { constants } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type SentError, sentError } from '../../errors/sent-error.ts';
import { loadKernel } from '../../kernels/divergence-kernel.ts';
import { roundingHere } from '../../kernels/rounding.ts';
import { yieldToOthers } from '../../pool/thread-priority.ts';
import { rowReader } from '../../sources/read-rows.ts';
import { SourceFault } from '../../sources/source-fault.ts';
import type { SourceSettings } from '../../sources/source-settings.ts';
import { createSources } from '../../sources/sources.ts';
import type { JobPlan } from './job-plan.ts';
import { mergePartials } from './merge.ts';
import { bytesOfPartial } from './partial-bytes.ts';
import { newPieceMemory } from './pieces.ts';
import { computeShard } from './shard.ts';

/** What a thread knows from its start. `cancelled` holds the number of the last cancelled order. */
export type ThreadData = { readonly sources: SourceSettings; readonly cancelled: Int32Array };

/** Orders for a thread, one at a time. */
export type Order = { readonly id: number; readonly plan: JobPlan } & (
  | { readonly shard: number; readonly partials?: never }
  | { readonly partials: readonly Uint8Array[]; readonly shard?: never }
);

/** What becomes of an order. Errors lose their class between threads. */
export type Outcome = { readonly id: number } & (
  | { readonly partial: Uint8Array }
  | { readonly answer: string }
  | { readonly source: Pick<SourceFault, 'code' | 'message' | 'retryable' | 'place' | 'retryAfterMs'> }
  | SentError
);

// requests are computed first
yieldToOthers(constants.priority.PRIORITY_LOW);

const { sources: settings, cancelled } = workerData as ThreadData;
const sources = createSources(settings);
const kernel = loadKernel();
const memory = newPieceMemory();

parentPort?.on('message', async (order: Order | { readonly cancel: number }) => {
  if ('cancel' in order) reading?.abort();
  else parentPort?.postMessage(await outcomeOf(order));
});

/** Ends what is being read, at once. */
let reading: AbortController | undefined;

async function outcomeOf(order: Order): Promise<Outcome> {
  const { id } = order;
  reading = new AbortController();
  try {
    return order.partials === undefined
      ? { id, partial: bytesOfPartial(await shardOf(order.plan, order.shard, id, reading.signal)) }
      : { id, answer: JSON.stringify(await mergePartials(order.plan, order.partials)) };
  } catch (error) {
    if (error instanceof SourceFault) {
      const { code, message, retryable, place, retryAfterMs } = error;
      return { id, source: { code, message, retryable, place, retryAfterMs } };
    }
    return { id, ...sentError(error) };
  } finally {
    reading = undefined;
  }
}

function shardOf(plan: JobPlan, shard: number, id: number, signal: AbortSignal) {
  const access = { client: plan.client, signal };
  return computeShard(plan, shard, {
    readerOf: (tensor) => rowReader(sources, tensor, access),
    memory,
    write: (uri, bytes) => sources.write(uri, bytes, access),
    kernel: kernel && { kernel },
    rounding: roundingHere(),
    check: () => {
      // a message would only be seen once the thread waits
      if (Atomics.load(cancelled, 0) === id) throw new Error('the shard was cancelled');
    },
  });
}
