import { refuse } from '../errors/request-error.ts';
import { bodyMemory } from '../memory/buffer-pool.ts';
import { abandon, memoryOf, type SharedBody, sharedBody, writerOf } from '../memory/shared-body.ts';
import { now } from '../tasks/clock.ts';
import { timeoutPointer } from '../tasks/deadline.ts';
import type { Outcome, Work } from '../tasks/task.ts';
import { perform, taskOf } from '../tasks/tasks.ts';
import { admission, type Budgets, type Need, type Ticket } from './admission.ts';
import { waiting } from './cancellation.ts';
import { turns } from './codel.ts';
import { type LaneName, laneOf, largeFrom } from './lanes.ts';
import { warmUpRequest, warmUpWork } from './warm-up.ts';
import type { Message } from './worker.ts';
import { type Staff, type Threads, threadPool } from './worker-pool.ts';

/** A body that threads share while it arrives; `whole` when all of it is there. */
export type ArrivingBody = { readonly body: SharedBody; readonly whole: Promise<void> };

export type Done = {
  readonly outcome: Outcome;
  /** For how many ms the work waited for a thread. */
  readonly queue: number;
  /** Gives back the memory that the content lies in, once it has been sent. */
  readonly release?: () => void;
};

/** What is inside of the service now. */
export type Load = {
  readonly lanes: Readonly<Record<LaneName, { readonly running: number; readonly waiting: number }>>;
  readonly bytes: number;
  readonly elements: number;
};

/** Where requests are computed: small ones at once, on the event loop; large ones in threads. */
export type Workforce = {
  /** How many large bodies are computed at a time. */
  readonly threads: number;
  /** Whether small requests have waited too long for the event loop. */
  readonly isLate: () => boolean;
  /** Lets a request in before its body is read, if there is room for it. @throws RequestError OVERLOADED */
  readonly enter: (need: Need) => Ticket;
  /** What a body of some length takes in a thread. */
  readonly needOf: (work: Work, length: number) => Need;
  readonly load: () => Load;
  /** Memory for a large body, with room for the numbers that its text can hold. `onGiven` is called when nobody uses it any more. */
  readonly take: (work: Work, length: number, onGiven?: () => void) => SharedBody;
  readonly small: (work: Work, body: Buffer) => Done;
  /** `gone` is aborted when nobody waits for the answer any more. @throws RequestError WORKER_LOST, DEADLINE_EXCEEDED */
  readonly large: (work: Work, body: ArrivingBody, gone: AbortSignal) => Promise<Done>;
  /** Starts the threads and has them do some work, so that the first large request finds them ready. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const noNumbers = new Float64Array(0);

/** @param onLoss is told of every thread that died */
export function workforce(staff: Staff, budgets: Budgets, onLoss: (error: Error) => void): Workforce {
  const { threads } = staff;
  const gate = admission(budgets, { inline: 1, small: 1, large: threads, stream: 1 });
  const memory = bodyMemory(budgets.bytes);
  const deadlines = new Map<number, (deadline: number) => void>();
  const taken = new WeakMap<SharedBody, () => void>();
  let lastTask = 0;
  let pools: { readonly small: Threads; readonly large: Threads } | undefined;

  /** Threads start with the first large request, or `start`: an app that answers small ones needs none. */
  function started(): NonNullable<typeof pools> {
    const pool = (threads: number) => threadPool({ ...staff, threads }, onMessage, onLoss);
    pools ??= { small: pool(1), large: pool(threads) };
    return pools;
  }

  function onMessage(message: Message): void {
    if ('help' in message) pools?.large.help(message.help);
    else deadlines.get(message.task)?.(message.deadline);
  }

  /** What is small has a thread of its own, which takes no core from the others while it is idle, and theirs when they are. */
  function poolFor(length: number): Threads {
    const { small, large } = started();
    if (laneOf(length) === 'large') return large;
    return small.idle() === 0 && large.idle() > 0 ? large : small;
  }

  async function large(work: Work, { body, whole }: ArrivingBody, gone: AbortSignal): Promise<Done> {
    const id = ++lastTask;
    const someone = waiting(gone, () => abandon(body));
    someone.until(work.deadline);
    deadlines.set(id, (deadline) => someone.until(deadline, timeoutPointer));
    const { scans, deadline } = taskOf(work);
    let posted: Promise<unknown> = Promise.resolve();
    const reportOf = () => {
      const report = poolFor(body.length).run({ id, work, body, posted: now() }, someone.kill);
      posted = report;
      return Promise.race([report, someone.over]);
    };
    const release = () => void Promise.allSettled([whole, posted]).then(() => give(body));
    try {
      // to wake a thread that finds nothing to do yet is dearer than to wait
      if (!scans(work) || body.length < largeFrom) {
        await Promise.race([whole, someone.over]);
        const until = deadline?.(work, new Uint8Array(body.memory, 0, body.length));
        if (until !== undefined) someone.until(until, timeoutPointer);
      }
      let report = await reportOf();
      if ('unread' in report && report.unread === 'starved') {
        await Promise.race([whole, someone.over]);
        report = await reportOf();
      }
      // it was abandoned: because nobody waits, or because it broke off
      if ('unread' in report) return await Promise.race([someone.over, whole.then(() => someone.over)]);
      if ('failed' in report) {
        onLoss(new Error(report.failed));
        throw refuse('WORKER_LOST', '#', 'the thread that computed this request failed');
      }
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
    started();
    const never = new AbortController().signal;
    await Promise.all(
      [warmUpRequest(250), ...Array<Buffer>(threads).fill(warmUpRequest(500))].map((bytes) => {
        const body = take(warmUpWork, bytes.length);
        writerOf(body)(bytes);
        return large(warmUpWork, { body, whole: Promise.resolve() }, never);
      }),
    );
  }

  function take(work: Work, length: number, onGiven: () => void = () => {}): SharedBody {
    const numbers = numbersIn(work, length);
    const body = sharedBody(length, numbers, memory.take(memoryOf(length, numbers)));
    taken.set(body, onGiven);
    return body;
  }

  function give(body: SharedBody): void {
    memory.give(body.memory);
    taken.get(body)?.();
  }

  function needOf(work: Work, length: number): Need {
    const bytes = memoryOf(length, numbersIn(work, length));
    return { lane: laneOf(length), bytes, elements: mostNumbers(work, length) };
  }

  function load(): Load {
    const { lanes, bytes, elements } = gate.inside();
    const waiting = { inline: 0, small: pools?.small.waiting() ?? 0, large: pools?.large.waiting() ?? 0, stream: 0 };
    const of = (lane: LaneName) => ({ running: Math.max(0, lanes[lane] - waiting[lane]), waiting: waiting[lane] });
    return { lanes: { inline: of('inline'), small: of('small'), large: of('large'), stream: of('stream') }, bytes, elements };
  }

  return {
    threads,
    isLate: turns(),
    enter: gate.enter,
    needOf,
    load,
    take,
    small: (work, body) => ({ outcome: perform(work, { bytes: body, numbers: noNumbers, upTo: () => body.length }), queue: 0 }),
    large,
    start,
    close: async () => {
      await Promise.all([pools?.small.close(), pools?.large.close()]);
    },
  };
}

/** How many numbers there is to be room for beside a body. */
function numbersIn(work: Work, length: number): number {
  return taskOf(work).scans(work) ? mostNumbers(work, length) : 0;
}

/** A number takes two bytes or more, and two tensors have no more than the limit each. */
function mostNumbers({ limits }: Work, length: number): number {
  return Math.min(2 * limits.maxElements, Math.ceil(length / 2));
}
