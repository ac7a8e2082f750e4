import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { SharedBlocks } from '../kernels/shared-blocks.ts';
import type { CollectionOptions } from './collect-garbage.ts';
import type { WorkerMessage, WorkerNotice, WorkerReply } from './worker.ts';

/** What a thread is called to do: a function that its script exports, and what it gets. */
export type Call =
  | { readonly name: 'run'; readonly value: WorkerMessage }
  | { readonly name: 'help'; readonly value: SharedBlocks }
  | { readonly name: 'collect'; readonly value: CollectionOptions | undefined };

/** What a thread says of itself: that it is ready, or what became of its call. An error loses its class between threads. */
export type ThreadMessage = { readonly isReady: true } | { readonly reply: WorkerReply } | { readonly thrown: unknown };

/** The script of a thread, and its heap limit in MB: a thread above it ends, and the process goes on. */
export type ThreadOptions = { readonly heapMb: number; readonly script?: URL | undefined };

/** A thread that does one call at a time. */
export type Thread = {
  readonly post: (call: Call) => void;
  /** Whether it has been ready at all. */
  readonly hasStarted: () => boolean;
  /** Whether it is there and is to stay. */
  readonly isReady: () => boolean;
  /** Resolves when it is ready; rejects if it ends before. */
  readonly ready: Promise<void>;
  /** Ends it, whatever it does. Resolves when it has ended: until then it may still write. */
  readonly end: () => Promise<unknown>;
};

type Listeners = {
  readonly onReady: (thread: Thread) => void;
  readonly onNotice: (notice: WorkerNotice) => void;
  readonly onReply: (thread: Thread, outcome: WorkerReply | Error) => void;
  readonly onEnd: (thread: Thread, error: Error) => void;
};

const program = new URL('./thread-program.ts', import.meta.url);
const service = new URL('./worker.ts', import.meta.url);

/** V8 lets the young generation grow to 48 MB, whatever the limit of the old one. */
const mostYoungMb = 48;

/** @throws Error where the system has no more threads */
export function startThread({ heapMb, script = service }: ThreadOptions, { onReady, onNotice, onReply, onEnd }: Listeners): Thread {
  const resourceLimits: ResourceLimits = {
    maxOldGenerationSizeMb: heapMb,
    maxYoungGenerationSizeMb: Math.min(mostYoungMb, Math.ceil(heapMb / 8)),
  };
  const worker = new Worker(program, { workerData: script.href, resourceLimits });
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  let hasStarted = false;
  let isEnding = false;
  let failure: Error | undefined;

  function answered(outcome: WorkerReply | Error): void {
    worker.unref();
    onReply(thread, outcome);
  }
  worker.on('message', (message: ThreadMessage | WorkerNotice) => {
    if ('reply' in message) return answered(message.reply);
    if ('thrown' in message) return answered(asError(message.thrown));
    if (!('isReady' in message)) return onNotice(message);
    hasStarted = true;
    worker.unref();
    ready.resolve();
    onReady(thread);
  });
  worker.on('error', (error) => {
    failure = asError(error);
  });
  worker.on('exit', (code) => {
    const error = failure ?? new Error(`worker exited with code: ${code}`);
    ready.reject(error);
    onEnd(thread, error);
  });

  const thread: Thread = {
    post: (call) => {
      // what is computed keeps the process alive
      worker.ref();
      worker.postMessage(call);
    },
    hasStarted: () => hasStarted,
    isReady: () => hasStarted && !isEnding,
    ready: ready.promise,
    end: () => {
      isEnding = true;
      return worker.terminate();
    },
  };
  return thread;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
