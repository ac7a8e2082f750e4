import { setTimeout as sleep } from 'node:timers/promises';
import { JobFault, type JobWorker, type JsonValue, type NewJob } from '../../../src/jobs/engine.ts';

/** What the toy computes: a shard's partial is its index, and the merge says which it got. */
export type ToyPlan = { readonly shards: number; readonly ms?: number; readonly partialBytes?: number };

type ToyOptions = {
  readonly version?: string;
  readonly concurrency?: number;
  /** Runs before a shard is done. */
  readonly during?: (index: number, signal: AbortSignal) => Promise<void> | void;
  readonly beforeMerge?: () => void;
};

/** A job of `shards` shards, with a fingerprint of its plan. */
export function toyJob(
  id: string,
  shards: number,
  more: Partial<NewJob> & { readonly ms?: number; readonly partialBytes?: number } = {},
): NewJob {
  const { ms = 0, partialBytes = 4, ...fields } = more;
  return {
    id,
    client: 'ann',
    fingerprint: `${shards}`,
    version: '1',
    plan: { shards, ms, partialBytes },
    shards: Array.from({ length: shards }, (_, index) => ({ distributions: index + 1, bytes: 10 })),
    ...fields,
  };
}

export const problem = (code: string): JsonValue => ({ code });

export function toyWorker({ version = '1', concurrency = 1, during, beforeMerge }: ToyOptions = {}): JobWorker {
  return {
    version,
    concurrency,
    async shard(plan, index, signal) {
      const { ms = 0, partialBytes = 4 } = plan as ToyPlan;
      if (ms > 0) await sleep(ms, undefined, { signal });
      await during?.(index, signal);
      const partial = Buffer.alloc(partialBytes);
      partial.writeUInt32LE(index);
      return partial;
    },
    async merge(plan, partials) {
      beforeMerge?.();
      const merged: number[] = [];
      for await (const partial of partials) merged.push(Buffer.from(partial).readUInt32LE());
      const { shards } = plan as ToyPlan;
      const isEachOnce = merged.length === shards && merged.every((index, place) => index === place);
      return isEachOnce ? `each of ${shards} once` : JSON.stringify(merged);
    },
    problemOf: (error) => ({ code: 'UNEXPECTED', message: (error as Error).message }),
  };
}

export const fault = (code: string, retryable: boolean) => new JobFault(code, problem(code), retryable);

/** Resolves when it is opened. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

/** Waits until something holds. */
export async function until<T>(look: () => Promise<T> | T): Promise<NonNullable<T>> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await sleep(10);
  }
}
