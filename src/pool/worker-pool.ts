import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { refuse } from '../errors/request-error.ts';
import type { SharedBlocks } from '../kernels/shared-blocks.ts';
import type { WorkerMessage, WorkerNotice, WorkerReply } from './worker.ts';

/** A pool of threads that replaces every thread that ends. */
export type WorkerPool = {
  /** Runs a task in a thread. Settles once no thread works on the task any more. @throws RequestError WORKER_LOST */
  readonly run: (task: WorkerMessage, terminate: AbortSignal) => Promise<WorkerReply>;
  /** Sends a request for help from one thread to the idle ones. */
  readonly help: (blocks: SharedBlocks) => void;
  /** Has the idle threads collect their garbage. */
  readonly collect: () => void;
  /** The number of idle threads, and the number of queued tasks. */
  readonly idle: () => number;
  readonly waiting: () => number;
  readonly close: () => Promise<void>;
};

/** The number of threads, their script, and the heap limit of each in MB: a thread above it ends, and the process goes on. */
export type PoolOptions = { readonly threads: number; readonly heapMb: number; readonly script?: URL | undefined };

const worker = new URL('./worker.ts', import.meta.url);

/** Where a thread could not start, as without a free file descriptor, the next attempt follows in this many ms. */
const respawnMs = 500;

/** A task that no thread gets, and that is withdrawn at once: piscina starts a thread for it if one is missing. */
const respawn = 'respawn';

/** @param onLoss is called for every thread that died, but not while the pool closes */
export function createWorkerPool(
  { threads, heapMb: heap, script = worker }: PoolOptions,
  onMessage: (message: WorkerNotice) => void,
  onLoss: (error: Error) => void,
): WorkerPool {
  let ready = new Set<number>();
  let isClosing = false;
  const lose = (error: Error): void => (isClosing ? undefined : onLoss(error));
  const pool = new Piscina({
    filename: script.href,
    // not fewer: piscina replaces a thread that was ended only up to this number, and what is queued would wait for ever
    minThreads: threads,
    maxThreads: threads,
    // V8 lets the young generation grow to 48 MB, whatever the limit of the old one
    resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: Math.min(48, Math.ceil(heap / 8)) },
    // not to one that starts: piscina takes the end of such a thread for a fault of the script, and then replaces none that is lost
    loadBalancer: ({ name }, workers) =>
      (name === respawn ? undefined : workers.find(({ id, currentUsage }) => currentUsage === 0 && ready.has(id))) ?? null,
  });
  pool.on('workerCreate', ({ id }: { readonly id: number }) => {
    const here = pool.threads.map(({ threadId }) => threadId).filter((each) => each === id || ready.has(each));
    ready = new Set(here);
  });
  pool.on('workerDestroy', startLater);
  pool.on('error', lose);
  pool.on('message', onMessage);
  const idle = () => (pool.queueSize > 0 ? 0 : pool.idleThreads);

  /** After a thread has ended before it was ready, piscina replaces none that is lost. */
  function startMissing(): void {
    for (let missing = threads - pool.threads.length; missing > 0 && !isClosing; missing--) {
      const withdrawal = new AbortController();
      askForThread(withdrawal.signal).catch(() => {});
      withdrawal.abort();
    }
    if (pool.threads.length < threads) startLater();
  }

  // async: where the system has no more threads, piscina throws at once
  async function askForThread(signal: AbortSignal): Promise<void> {
    await pool.run(undefined, { name: respawn, signal });
  }

  function startLater(): void {
    if (!isClosing) setTimeout(startMissing, respawnMs).unref();
  }

  async function run(task: WorkerMessage, terminate: AbortSignal): Promise<WorkerReply> {
    let atTermination: readonly Worker[] = [];
    terminate.addEventListener('abort', () => {
      atTermination = [...pool.threads];
    });
    try {
      return await pool.run(task, { name: 'run', signal: terminate });
    } catch (error) {
      if (terminate.aborted) {
        const terminated = atTermination.filter((thread) => !pool.threads.includes(thread));
        if (terminated.length > 0) lose(new Error('the worker ignored a cancellation'));
        await Promise.all(terminated.map(exited));
        return { unavailable: 'cancelled' };
      }
      lose(error as Error);
      throw refuse('WORKER_LOST', '#', 'the thread that computed this request ended before it was done');
    }
  }

  function help(blocks: SharedBlocks): void {
    for (let called = idle(); called > 0; called--) pool.run(blocks, { name: 'help' }).catch(() => {});
  }
  function collect(): void {
    for (let called = idle(); called > 0; called--) pool.run(undefined, { name: 'collect' }).catch(() => {});
  }
  function close(): Promise<void> {
    isClosing = true;
    return pool.destroy();
  }
  return { run, help, collect, idle, waiting: () => pool.queueSize, close };
}

/** Resolves when a terminated thread has ended: until then it may still write. */
async function exited(thread: Worker): Promise<void> {
  // a thread that has ended has no id
  if (thread.threadId !== -1) await once(thread, 'exit');
}
