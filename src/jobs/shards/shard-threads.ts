import { Worker } from 'node:worker_threads';
import { receivedError } from '../../errors/sent-error.ts';
import { SourceFault } from '../../sources/source-fault.ts';
import type { SourceSettings } from '../../sources/source-settings.ts';
import { type JobPlan, planOfShard } from './job-plan.ts';
import type { Order, Outcome, ThreadData } from './shard-thread.ts';

/** Threads that compute shards and merge partials, below the priority of everything else. */
export type ShardThreads = {
  /**
   * Computes a shard of a plan, and returns its partial.
   * @throws RequestError for what is wrong with the request or its elements; SourceFault, whose place leads into the request; the reason of
   * the signal; an Error where the thread is lost, after which another takes its place
   */
  readonly shard: (plan: JobPlan, shard: number, signal: AbortSignal) => Promise<Uint8Array>;
  /** Merges the partials of all shards, in any order, into the answer, as JSON. @throws as `shard` */
  readonly merge: (plan: JobPlan, partials: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, signal: AbortSignal) => Promise<string>;
  /** Ends all threads, whatever they do. */
  readonly close: () => Promise<void>;
};

type Thread = { readonly worker: Worker; readonly cancelled: Int32Array; running: Running | undefined };

type Running = { readonly order: Order; readonly done: (outcome: Outcome | Error) => void };

const program = new URL('./shard-thread.ts', import.meta.url);

/**
 * @param count how many threads there are at the most: each starts when it is first needed
 * @param script what a thread runs
 */
export function createShardThreads(count: number, sources: SourceSettings, script = program): ShardThreads {
  const { run, close } = createThreads(count, sources, script);
  return {
    async shard(plan, shard, signal) {
      const outcome = await run((id) => ({ id, plan: planOfShard(plan, shard), shard }), signal);
      return 'partial' in outcome ? outcome.partial : raise(outcome);
    },
    async merge(plan, partials, signal) {
      // copies, as their memory moves to the thread
      const copies: Uint8Array[] = [];
      for await (const partial of partials) copies.push(new Uint8Array(partial));
      const outcome = await run((id) => ({ id, plan, partials: copies }), signal);
      return 'answer' in outcome ? outcome.answer : raise(outcome);
    },
    close,
  };
}

/** Threads that take orders, one at a time each; those beyond wait. */
function createThreads(count: number, sources: SourceSettings, script: URL) {
  const threads = new Set<Thread>();
  const waiting: Running[] = [];
  let lastId = 0;
  let isClosed = false;

  function start(): Thread {
    const thread = startThread(sources, script, (outcome) => {
      // a thread that is lost is told of twice
      if (outcome instanceof Error && !threads.delete(thread)) return;
      finish(thread, outcome);
    });
    threads.add(thread);
    return thread;
  }

  function finish(thread: Thread, outcome: Outcome | Error): void {
    const { running } = thread;
    thread.running = undefined;
    thread.worker.unref();
    running?.done(outcome);
    next();
  }

  function next(): void {
    for (let running = waiting[0]; running !== undefined && !isClosed; running = waiting[0]) {
      const thread = idleOrNew(threads, count, start);
      if (thread === undefined) return;
      waiting.shift();
      if (thread instanceof Error) running.done(thread);
      else begin(thread, running);
    }
  }

  function run(order: (id: number) => Order, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    if (isClosed) throw new Error('the threads are closed');
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const one = order(++lastId);
    const running: Running = { order: one, done: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)) };
    const cancel = () => {
      reject(signal.reason);
      const place = waiting.indexOf(running);
      if (place >= 0) waiting.splice(place, 1);
      for (const thread of threads) if (thread.running === running) stop(thread, one.id);
    };
    signal.addEventListener('abort', cancel, { once: true });
    waiting.push(running);
    next();
    return promise.finally(() => signal.removeEventListener('abort', cancel));
  }

  async function close(): Promise<void> {
    isClosed = true;
    for (const { done } of waiting.splice(0)) done(new Error('the threads are closed'));
    await Promise.all([...threads].map(({ worker }) => worker.terminate()));
  }
  return { run, close };
}

/** Where the system has no more threads, one that runs will be free; without any, why there is none. */
function idleOrNew(threads: ReadonlySet<Thread>, count: number, start: () => Thread): Thread | Error | undefined {
  const idle = [...threads].find(({ running }) => running === undefined);
  if (idle !== undefined || threads.size === count) return idle;
  try {
    return start();
  } catch (error) {
    // thrown on, it would end the process where the thread before was lost
    return threads.size === 0 ? (error as Error) : undefined;
  }
}

function begin(thread: Thread, running: Running): void {
  const { worker } = thread;
  const { order } = running;
  thread.running = running;
  // a thread that computes keeps the process alive
  worker.ref();
  worker.postMessage(
    order,
    (order.partials ?? []).map(({ buffer }) => buffer as ArrayBuffer),
  );
}

/** @param told is told of every outcome, and of the end of the thread */
function startThread(sources: SourceSettings, script: URL, told: (outcome: Outcome | Error) => void): Thread {
  const cancelled = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ThreadData = { sources, cancelled };
  const worker = new Worker(script, { workerData });
  worker.on('message', told);
  worker.on('error', told);
  worker.on('exit', (code) => told(new Error(`the thread that computed the shard ended with code ${code}`)));
  worker.unref();
  return { worker, cancelled, running: undefined };
}

function stop({ worker, cancelled }: Thread, id: number): void {
  Atomics.store(cancelled, 0, id);
  worker.postMessage({ cancel: id });
}

function raise(outcome: Outcome): never {
  if ('source' in outcome) {
    const { code, message, ...options } = outcome.source;
    throw new SourceFault(code, message, options);
  }
  if ('refused' in outcome || 'failed' in outcome) throw receivedError(outcome);
  throw new Error('the thread did something else');
}
