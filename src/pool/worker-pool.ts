import { refuse } from '../errors/request-error.ts';
import type { SharedBlocks } from '../kernels/shared-blocks.ts';
import type { CollectionOptions } from './collect-garbage.ts';
import { type BodyLane, bodyLanes } from './lanes.ts';
import type { Thread, ThreadOptions } from './thread.ts';
import { createThreads, type PendingCall } from './threads.ts';
import type { WorkerMessage, WorkerNotice, WorkerReply } from './worker.ts';

/** Threads that start when they are needed and end when they are not. Each lane has a queue, in the order of arrival. */
export type WorkerPool = {
  /** Starts a thread, unless there is one already. @throws Error if it ends before it is ready */
  readonly start: () => Promise<void>;
  /** Runs a task in a thread. Settles once no thread works on the task any more. @throws RequestError WORKER_LOST */
  readonly run: (lane: BodyLane, task: WorkerMessage, terminate: AbortSignal) => Promise<WorkerReply>;
  /** Whether a task of this lane would begin at once. If not, one more thread starts, where there may be one. */
  readonly prepare: (lane: BodyLane) => boolean;
  /** Sends a request for help from one thread to idle ones. Where one is missing it starts if that happens again. */
  readonly help: (blocks: SharedBlocks) => void;
  /** Has the idle threads collect their garbage. Resolves when they have. */
  readonly collect: (how?: CollectionOptions) => Promise<unknown>;
  /** The number of queued tasks of a lane. */
  readonly waiting: (lane: BodyLane) => number;
  readonly close: () => Promise<void>;
};

/**
 * How many tasks of the lane `large` run at a time; there is one thread more, so that they never keep the others from running. A thread
 * that has had no work for `idleMs` ends, but for the last.
 */
export type PoolOptions = ThreadOptions & { readonly threads: number; readonly idleMs?: number };

/** To start a thread again takes about a tenth of a second, and some 25 MB. */
const defaultIdleMs = 30_000;

/** @param onLoss is called for every thread or task that failed, but not while the pool closes */
export function createWorkerPool(
  { threads: mostLarge, idleMs = defaultIdleMs, ...options }: PoolOptions,
  onNotice: (message: WorkerNotice) => void,
  onLoss: (error: Error) => void,
): WorkerPool {
  const queues: Record<BodyLane, PendingCall[]> = { large: [], small: [] };
  /** When help was last asked for that was not there. */
  let wantedHelp = Number.NEGATIVE_INFINITY;
  let isClosing = false;
  const lose = (error: Error): void => (isClosing ? undefined : onLoss(error));
  const threads = createThreads({ ...options, most: mostLarge + 1, idleMs }, { onFree: next, onNotice, onLoss: lose });
  const largeLeft = () => mostLarge - threads.running().filter(({ lane }) => lane === 'large').length;
  const isOpen = (lane: BodyLane) => lane === 'small' || largeLeft() > 0;

  /** Gives what waits to idle threads: large tasks first, since small ones have a thread more. */
  function next(): void {
    if (isClosing) {
      endWaiting();
      return;
    }
    const idle = threads.idle();
    for (const lane of bodyLanes) {
      while (idle.length > 0 && queues[lane].length > 0 && isOpen(lane))
        threads.assign(idle.shift() as Thread, queues[lane].shift() as PendingCall);
    }
    threads.startUpTo(queues.small.length + Math.min(queues.large.length, largeLeft()));
  }

  function run(lane: BodyLane, task: WorkerMessage, terminate: AbortSignal): Promise<WorkerReply> {
    if (terminate.aborted) return Promise.resolve(cancelled);
    const { pending, reply } = pendingTask(lane, task, terminate, lose);
    const end = () => {
      const place = queues[lane].indexOf(pending);
      if (place === -1) threads.end(pending);
      else queues[lane].splice(place, 1)[0].done(cancelled);
    };
    terminate.addEventListener('abort', end, { once: true });
    queues[lane].push(pending);
    next();
    return reply;
  }

  function prepare(lane: BodyLane): boolean {
    const isIdle = queues[lane].length === 0 && isOpen(lane) && threads.idle().length > 0;
    if (!isIdle && isOpen(lane)) threads.startUpTo(1);
    return isIdle;
  }

  function help(blocks: SharedBlocks): void {
    const done = (outcome: unknown) => (outcome instanceof Error ? lose(outcome) : undefined);
    // no more at work than large tasks, so that none waits for a core
    const missing = () => mostLarge - threads.running().length;
    for (const thread of threads.idle().slice(0, Math.max(0, missing()))) {
      threads.assign(thread, { lane: 'beside', call: { name: 'help', value: blocks }, done });
    }
    if (missing() <= 0) return;
    const now = performance.now();
    // what asks is over before a thread has started; but more of the kind may come
    if (now - wantedHelp < idleMs) threads.startUpTo(1);
    wantedHelp = now;
  }

  function collect(how?: CollectionOptions): Promise<unknown> {
    const call = { name: 'collect', value: how } as const;
    return Promise.all(threads.idle().map((thread) => new Promise((done) => threads.assign(thread, { lane: 'beside', call, done }))));
  }

  function endWaiting(): void {
    const waiting = [...queues.large.splice(0), ...queues.small.splice(0)];
    for (const { done } of waiting) done(new Error('the pool closes'));
  }

  async function close(): Promise<void> {
    isClosing = true;
    endWaiting();
    await threads.close();
  }
  return { start: threads.start, run, prepare, help, collect, waiting: (lane) => queues[lane].length, close };
}

const cancelled: WorkerReply = { unavailable: 'cancelled' };

function pendingTask(lane: BodyLane, task: WorkerMessage, terminate: AbortSignal, lose: (error: Error) => void) {
  const { promise: reply, resolve, reject } = Promise.withResolvers<WorkerReply>();
  function done(outcome: WorkerReply | Error): void {
    if (!(outcome instanceof Error)) {
      resolve(outcome);
    } else if (terminate.aborted) {
      lose(new Error('the worker ignored a cancellation'));
      resolve(cancelled);
    } else {
      lose(outcome);
      reject(refuse('WORKER_LOST', '#', 'the thread that computed this request ended before it was done'));
    }
  }
  const pending: PendingCall = { lane, call: { name: 'run', value: task }, done };
  return { pending, reply };
}
