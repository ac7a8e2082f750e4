import { refuse } from '../errors/request-error.ts';
import type { SharedBlocks } from '../kernels/shared-blocks.ts';
import type { CollectionOptions } from './collect-garbage.ts';
import { type BodyLane, bodyLanes } from './lanes.ts';
import { type Call, startThread, type Thread, type ThreadOptions } from './thread.ts';
import type { WorkerMessage, WorkerNotice, WorkerReply } from './worker.ts';

/** Threads that start when they are needed and end when they are not. Each lane has a queue, in the order of arrival. */
export type WorkerPool = {
  /** Starts a thread, unless there is one already. @throws Error if it ends before it is ready */
  readonly start: () => Promise<void>;
  /** Runs a task in a thread. Settles once no thread works on the task any more. @throws RequestError WORKER_LOST */
  readonly run: (lane: BodyLane, task: WorkerMessage, terminate: AbortSignal) => Promise<WorkerReply>;
  /** Whether a task of this lane would begin at once. If not, one more thread starts, where there may be one. */
  readonly prepare: (lane: BodyLane) => boolean;
  /** Sends a request for help from one thread to idle ones. Where one is missing it starts, and helps the next time. */
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

/** A task that waits for a thread or runs in one; `done` is told its reply, or why there is none. */
type Job = { readonly lane: BodyLane | 'beside'; readonly call: Call; readonly done: (outcome: WorkerReply | Error) => void };

/** To start a thread again takes about a tenth of a second, and some 25 MB. */
const defaultIdleMs = 30_000;

/** Where a thread could not start, as without a free file descriptor, the next attempt follows in this many ms. */
const respawnMs = 500;

/** @param onLoss is called for every thread or task that failed, but not while the pool closes */
export function createWorkerPool(
  { threads: most, idleMs = defaultIdleMs, ...options }: PoolOptions,
  onNotice: (message: WorkerNotice) => void,
  onLoss: (error: Error) => void,
): WorkerPool {
  const threads = new Map<Thread, Job | undefined>();
  const retirements = new WeakMap<Thread, NodeJS.Timeout>();
  const queues: Record<BodyLane, Job[]> = { large: [], small: [] };
  let isClosing = false;
  let mayStart = true;

  const lose = (error: Error): void => (isClosing ? undefined : onLoss(error));
  const idleThreads = () => [...threads].filter(([{ isReady }, job]) => isReady() && job === undefined).map(([thread]) => thread);
  const busy = (lane?: BodyLane) => [...threads.values()].filter((job) => job !== undefined && (lane ?? job.lane) === job.lane).length;
  const isOpen = (lane: BodyLane) => lane === 'small' || busy('large') < most;

  function start(): Thread {
    const thread = startThread(options, { onReady: next, onNotice, onReply: finish, onEnd: ended });
    threads.set(thread, undefined);
    return thread;
  }

  /** Who cannot start now may be able to in a while. */
  function pause(error: Error): void {
    lose(error);
    mayStart = false;
    setTimeout(() => {
      mayStart = true;
      next();
    }, respawnMs).unref();
  }

  /** Gives what waits to idle threads: large tasks first, since small ones have a thread more. */
  function next(): void {
    if (isClosing) return;
    const idle = idleThreads();
    for (const lane of bodyLanes) {
      while (idle.length > 0 && queues[lane].length > 0 && isOpen(lane)) assign(idle.shift() as Thread, queues[lane].shift() as Job);
    }
    for (const thread of idle) retireLater(thread);
    const waiting = queues.small.length + Math.min(queues.large.length, most - busy('large'));
    startUpTo(waiting);
  }

  /** Has so many threads on their way, as far as there may be more. */
  function startUpTo(wanted: number): void {
    const starting = [...threads.keys()].filter(({ hasStarted }) => !hasStarted()).length;
    for (let missing = Math.min(wanted - starting, most + 1 - threads.size); missing > 0 && mayStart && !isClosing; missing--) {
      try {
        start();
      } catch (error) {
        // where the system has no more threads
        pause(error as Error);
      }
    }
  }

  function assign(thread: Thread, job: Job): void {
    clearTimeout(retirements.get(thread));
    retirements.delete(thread);
    threads.set(thread, job);
    thread.post(job.call);
  }

  function retireLater(thread: Thread): void {
    if (retirements.has(thread)) return;
    const retire = () => {
      retirements.delete(thread);
      if (threads.size === 1) return;
      threads.delete(thread);
      thread.end();
    };
    retirements.set(thread, setTimeout(retire, idleMs).unref());
  }

  function finish(thread: Thread, outcome: WorkerReply | Error): void {
    const job = threads.get(thread);
    // one that is ended may still answer
    if (job === undefined) return;
    threads.set(thread, undefined);
    job.done(outcome);
    next();
  }

  function ended(thread: Thread, error: Error): void {
    // one that had nothing to do
    if (!threads.has(thread)) return;
    const job = threads.get(thread);
    threads.delete(thread);
    clearTimeout(retirements.get(thread));
    if (job !== undefined) job.done(error);
    else if (thread.hasStarted()) lose(error);
    if (thread.hasStarted()) next();
    else pause(error);
  }

  function run(lane: BodyLane, task: WorkerMessage, terminate: AbortSignal): Promise<WorkerReply> {
    const { promise, resolve, reject } = Promise.withResolvers<WorkerReply>();
    const job: Job = { lane, call: { name: 'run', value: task }, done };
    function done(outcome: WorkerReply | Error): void {
      terminate.removeEventListener('abort', end);
      if (!(outcome instanceof Error)) {
        resolve(outcome);
      } else if (terminate.aborted) {
        lose(new Error('the worker ignored a cancellation'));
        resolve({ unavailable: 'cancelled' });
      } else {
        lose(outcome);
        reject(refuse('WORKER_LOST', '#', 'the thread that computed this request ended before it was done'));
      }
    }
    function end(): void {
      const place = queues[lane].indexOf(job);
      if (place >= 0) queues[lane].splice(place, 1);
      if (place >= 0) resolve({ unavailable: 'cancelled' });
      // its end settles the task
      for (const [thread, running] of threads) if (running === job) thread.end();
    }
    if (terminate.aborted) return Promise.resolve({ unavailable: 'cancelled' });
    terminate.addEventListener('abort', end, { once: true });
    queues[lane].push(job);
    next();
    return promise;
  }

  function prepare(lane: BodyLane): boolean {
    const isIdle = queues[lane].length === 0 && isOpen(lane) && idleThreads().length > 0;
    if (!isIdle && isOpen(lane)) startUpTo(1);
    return isIdle;
  }

  function help(blocks: SharedBlocks): void {
    const done = (outcome: unknown) => (outcome instanceof Error ? lose(outcome) : undefined);
    // no more at work than large tasks, so that none waits for a core
    for (const thread of idleThreads().slice(0, Math.max(0, most - busy()))) {
      assign(thread, { lane: 'beside', call: { name: 'help', value: blocks }, done });
    }
    if (busy() < most) startUpTo(1);
  }

  function collect(how?: CollectionOptions): Promise<unknown> {
    const call = { name: 'collect', value: how } as const;
    return Promise.all(idleThreads().map((thread) => new Promise((done) => assign(thread, { lane: 'beside', call, done }))));
  }

  async function close(): Promise<void> {
    isClosing = true;
    const all = [...threads];
    threads.clear();
    const closed = new Error('the pool closes');
    for (const { done } of [...queues.large.splice(0), ...queues.small.splice(0)]) done(closed);
    await Promise.all(all.map(([thread]) => thread.end()));
    for (const [, job] of all) job?.done(closed);
  }

  return {
    start: async () => {
      if (threads.size === 0) await start().ready;
    },
    run,
    prepare,
    help,
    collect,
    waiting: (lane) => queues[lane].length,
    close,
  };
}
