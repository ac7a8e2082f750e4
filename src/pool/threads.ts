import type { BodyLane } from './lanes.ts';
import { type Call, startThread, type Thread, type ThreadOptions } from './thread.ts';
import type { WorkerNotice, WorkerReply } from './worker.ts';

/** A call that waits for a thread or runs in one; `done` is told its reply, or why there is none. */
export type PendingCall = {
  readonly lane: BodyLane | 'beside';
  readonly call: Call;
  readonly done: (outcome: WorkerReply | Error) => void;
};

/** Threads of which some are idle. */
type Threads = {
  /** Starts a thread, unless there is one already. @throws Error if it ends before it is ready */
  readonly start: () => Promise<void>;
  /** Has so many threads on their way, as far as there may be more. */
  readonly startUpTo: (wanted: number) => void;
  readonly idle: () => Thread[];
  /** The calls that run. */
  readonly running: () => PendingCall[];
  readonly assign: (thread: Thread, pending: PendingCall) => void;
  /** Ends the thread that runs a call, and so the call. */
  readonly end: (pending: PendingCall) => void;
  readonly close: () => Promise<void>;
};

/** At most so many threads. One that has had no work for `idleMs` ends, but for the last. */
type ThreadsOptions = ThreadOptions & { readonly most: number; readonly idleMs: number };

type Listeners = {
  /** Is called when a thread is idle, and when one may start again. */
  readonly onFree: () => void;
  readonly onNotice: (notice: WorkerNotice) => void;
  /** Is told of every thread that ended where it should not. */
  readonly onLoss: (error: Error) => void;
};

/** Where a thread could not start, as without a free file descriptor, the next attempt follows in this many ms. */
const respawnMs = 500;

export function createThreads({ most, idleMs, ...options }: ThreadsOptions, { onFree, onNotice, onLoss }: Listeners): Threads {
  const threads = new Map<Thread, PendingCall | undefined>();
  const retirements = new WeakMap<Thread, NodeJS.Timeout>();
  const attempts = createAttempts(onFree, onLoss);

  function start(): Thread {
    const thread = startThread(options, { onReady: free, onNotice, onReply: finish, onEnd: ended });
    threads.set(thread, undefined);
    return thread;
  }

  function startUpTo(wanted: number): void {
    const starting = [...threads.keys()].filter(({ hasStarted }) => !hasStarted()).length;
    for (let missing = Math.min(wanted - starting, most - threads.size); missing > 0 && attempts.may(); missing--) {
      try {
        start();
      } catch (error) {
        // where the system has no more threads
        attempts.failed(error as Error);
      }
    }
  }

  function assign(thread: Thread, pending: PendingCall): void {
    clearTimeout(retirements.get(thread));
    threads.set(thread, pending);
    thread.post(pending.call);
  }

  function free(thread: Thread): void {
    const retire = () => {
      if (threads.size > 1 && threads.delete(thread)) thread.end();
    };
    retirements.set(thread, setTimeout(retire, idleMs).unref());
    onFree();
  }

  function finish(thread: Thread, outcome: WorkerReply | Error): void {
    const pending = threads.get(thread);
    // one that is ended may still answer
    if (pending === undefined) return;
    threads.set(thread, undefined);
    pending.done(outcome);
    free(thread);
  }

  function ended(thread: Thread, error: Error): void {
    const pending = threads.get(thread);
    clearTimeout(retirements.get(thread));
    // one that had nothing to do
    if (!threads.delete(thread)) return;
    if (!thread.hasStarted()) attempts.failed(error);
    else if (pending === undefined) onLoss(error);
    pending?.done(error);
    onFree();
  }

  async function close(): Promise<void> {
    attempts.end();
    const all = [...threads];
    threads.clear();
    await Promise.all(all.map(([thread]) => thread.end()));
    for (const [, pending] of all) pending?.done(new Error('the threads are closed'));
  }

  return {
    start: async () => {
      if (threads.size === 0) await start().ready;
    },
    startUpTo,
    idle: () => [...threads].filter(([{ isReady }, pending]) => isReady() && pending === undefined).map(([thread]) => thread),
    running: () => [...threads.values()].filter((pending) => pending !== undefined),
    assign,
    end: (ending) => {
      for (const [thread, pending] of threads) if (pending === ending) thread.end();
    },
    close,
  };
}

/** Whether threads may start: not for a while after one could not, nor after the end. `onAgain` is called when they may again. */
function createAttempts(onAgain: () => void, onFailure: (error: Error) => void) {
  let mayStart = true;
  let isOver = false;
  function again(): void {
    mayStart = true;
    onAgain();
  }
  return {
    may: () => mayStart && !isOver,
    failed: (error: Error) => {
      onFailure(error);
      mayStart = false;
      setTimeout(again, respawnMs).unref();
    },
    end: () => {
      isOver = true;
    },
  };
}
