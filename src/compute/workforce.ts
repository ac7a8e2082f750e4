import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { refuse } from '../errors.ts';
import { bodyMemory } from '../wire/body-memory.ts';
import { abandon, memoryOf, type SharedBody, sharedBody, writerOf } from '../wire/shared-body.ts';
import { now } from './clock.ts';
import { perform } from './perform.ts';
import { taskOf } from './tasks.ts';
import type { Teamwork } from './teamwork.ts';
import { waiting } from './waiting.ts';
import type { Outcome, Work } from './work.ts';
import type { Message, Report, Task } from './worker.ts';

/** A body that threads share while it arrives; `whole` when all of it is there. */
export type ArrivingBody = { readonly body: SharedBody; readonly whole: Promise<void> };

export type Done = {
  readonly outcome: Outcome;
  /** For how many ms the work waited for a thread. */
  readonly queue: number;
  /** Gives back the memory that the content lies in, once it has been sent. */
  readonly release?: () => void;
};

/** Where requests are computed: small ones at once, on the event loop; large ones in a pool of threads. */
export type Workforce = {
  /** How many large bodies are computed at a time. */
  readonly threads: number;
  /** Memory for a large body, with room for the numbers that its text can hold. */
  readonly take: (work: Work, length: number) => SharedBody;
  readonly small: (work: Work, body: Buffer) => Done;
  /** `gone` is aborted when nobody waits for the answer any more. @throws RequestError WORKER_LOST */
  readonly large: (work: Work, body: ArrivingBody, gone: AbortSignal) => Promise<Done>;
  /** Starts the threads and has them do some work, so that the first large request finds them ready. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** JSON of this many bytes is read while it arrives; what is shorter, or read in one piece, when it is there. */
const worthOverlapping = 2 ** 20;

const none = new Float64Array(0);

/** How many threads, and how many MB of heap each may have before it ends, and not the process. */
export type Staff = { readonly threads: number; readonly heap: number };

/** @param onLoss is told of every thread that died */
export function workforce({ threads, heap }: Staff, onLoss: (error: Error) => void): Workforce {
  let pool: Piscina | undefined;
  // as many bodies as are computed at once, and as many that arrive meanwhile
  const memory = bodyMemory(2 * threads);
  const deadlines = new Map<number, (deadline: number) => void>();
  let lastTask = 0;

  /** Threads start with the first large request, or `start`: an app that answers small ones needs none. */
  function threadPool(): Piscina {
    if (pool !== undefined) return pool;
    const started = new Piscina({
      filename: new URL('./worker.ts', import.meta.url).href,
      // not fewer: piscina replaces a thread that was ended only up to this number, and what is queued would wait for ever
      minThreads: threads,
      maxThreads: threads,
      resourceLimits: { maxOldGenerationSizeMb: heap },
    });
    started.on('error', onLoss);
    started.on('message', (message: Message) => {
      if ('help' in message) sendHelp(started, message.help);
      else deadlines.get(message.task)?.(message.deadline);
    });
    pool = started;
    return started;
  }

  /** Done when no thread works on the body any more, whatever became of it. */
  async function post(id: number, work: Work, body: SharedBody, signal: AbortSignal): Promise<Report> {
    const pool = threadPool();
    let atKill: readonly Worker[] = [];
    signal.addEventListener('abort', () => {
      atKill = [...pool.threads];
    });
    try {
      const task: Task = { id, work, body, posted: now() };
      return await pool.run(task, { name: 'run', signal });
    } catch (error) {
      if (signal.aborted) {
        await Promise.all(atKill.filter((thread) => !pool.threads.includes(thread)).map(ended));
        return { unread: 'abandoned' };
      }
      onLoss(error as Error);
      throw refuse('WORKER_LOST', '#', 'the thread that computed this request ended before it was done');
    }
  }

  async function large(work: Work, { body, whole }: ArrivingBody, gone: AbortSignal): Promise<Done> {
    const id = ++lastTask;
    const someone = waiting(gone, () => abandon(body));
    deadlines.set(id, someone.until);
    const { scans, deadline } = taskOf(work);
    let posted: Promise<unknown> = Promise.resolve();
    const reportOf = () => {
      const report = post(id, work, body, someone.kill);
      posted = report;
      return Promise.race([report, someone.over]);
    };
    const release = () => void Promise.allSettled([whole, posted]).then(() => memory.give(body.memory));
    try {
      // to wake a thread that finds nothing to do yet is dearer than to wait
      if (!scans(work) || body.length < worthOverlapping) {
        await Promise.race([whole, someone.over]);
        const until = deadline?.(work, new Uint8Array(body.memory, 0, body.length));
        if (until !== undefined) someone.until(until);
      }
      let report = await reportOf();
      if ('unread' in report && report.unread === 'starved') {
        await Promise.race([whole, someone.over]);
        report = await reportOf();
      }
      // it was abandoned: because nobody waits, or because it broke off
      if ('unread' in report) return await Promise.race([someone.over, whole.then(() => someone.over)]);
      if ('failed' in report) throw new Error(report.failed);
      const content = report.outcome.answered?.content;
      if (typeof content === 'object' && content.buffer instanceof SharedArrayBuffer) return { ...report, release };
      release();
      return report;
    } catch (error) {
      release();
      throw error;
    } finally {
      deadlines.delete(id);
      someone.end();
    }
  }

  async function start(): Promise<void> {
    const bytes = Buffer.from(warmUp());
    const limits = { maxElements: bytes.length };
    const work: Work = { task: 'json', query: {}, accepts: 'json', limits, occurrence: { path: '', requestId: '' }, received: 0 };
    const never = new AbortController().signal;
    const warm = () => {
      const body = take(work, bytes.length);
      writerOf(body)(bytes);
      return large(work, { body, whole: Promise.resolve() }, never);
    };
    await Promise.all(Array.from({ length: threads }, warm));
  }

  function take(work: Work, length: number): SharedBody {
    // a number takes two characters, and two tensors have no more than the limit each
    const numbers = taskOf(work).scans(work) ? Math.min(2 * work.limits.maxElements, Math.ceil(length / 2)) : 0;
    return sharedBody(length, numbers, memory.take(memoryOf(length, numbers)));
  }

  return {
    threads,
    take,
    small: (work, body) => ({ outcome: perform(work, { bytes: body, numbers: none, upTo: () => body.length }), queue: 0 }),
    large,
    start,
    close: async () => pool?.destroy(),
  };
}

/** Resolves when a thread that was told to end has ended: until then it may still write. */
async function ended(thread: Worker): Promise<void> {
  // of one that has ended already there is no id
  if (thread.threadId !== -1) await once(thread, 'exit');
}

/** A thread has called for help with a large tensor: whoever is idle goes. */
function sendHelp(pool: Piscina, work: Teamwork): void {
  if (pool.queueSize > 0) return;
  for (let idle = pool.idleThreads; idle > 0; idle--) pool.run(work, { name: 'help' }).catch(() => {});
}

/** Enough numbers for V8 to optimise what reads and computes them. */
function warmUp(): string {
  const rows = Array.from({ length: 500 }, (_, row) => Array.from({ length: 100 }, (_, column) => Math.sin(row * 100 + column)));
  return JSON.stringify({ input: rows, target: rows.toReversed() });
}
