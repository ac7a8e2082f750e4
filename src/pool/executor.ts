import { overloaded } from '../errors/request-error.ts';
import { type BufferPool, createBufferPool } from '../memory/buffer-pool.ts';
import { besideBody, memoryOf, type SharedBody, sharedBody, writerOf } from '../memory/shared-body.ts';
import { TooMuchWork, workBudget } from '../tasks/solve/work.ts';
import { ownInput, type TaskInput, type TaskResult } from '../tasks/task.ts';
import { definitionOf, runTask } from '../tasks/tasks.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { Codel } from './codel.ts';
import { createCollector } from './collect-garbage.ts';
import { laneOf, type PlacedLane } from './lanes.ts';
import type { Budgets, Cost } from './ledger.ts';
import { createWorkerRunner, type ExecutorResult, type IncomingBody } from './run-in-worker.ts';
import { createTurns } from './turns.ts';
import { warmUpRequest } from './warm-up.ts';
import type { WorkerNotice } from './worker.ts';
import { createWorkerPool, type PoolOptions, type WorkerPool } from './worker-pool.ts';

/** What is inside of the service now. */
export type Load = {
  readonly lanes: Readonly<Record<PlacedLane, { readonly running: number; readonly waiting: number }>>;
  readonly bytes: number;
  readonly elements: number;
};

/** Where requests are computed: small ones at once, on the event loop; large ones in threads. */
export type Executor = {
  /** How many large bodies are computed at a time. */
  readonly threads: number;
  /** Whether small requests have waited too long for the event loop. */
  readonly isOverloaded: () => boolean;
  readonly reserve: Admission['reserve'];
  readonly check: Admission['check'];
  /** Has work of a stream done when it is its turn: the event loop reads requests between two of them. */
  readonly takeTurn: (work: () => void) => void;
  /** What a body of some length takes in a thread. */
  readonly costOf: (input: TaskInput, length: number) => Cost;
  readonly load: () => Load;
  /**
   * Memory for a large body, with room for the numbers that its text can hold. `onRelease` is called when no thread uses it any more.
   * @throws RequestError OVERLOADED where the system has none
   */
  readonly allocateBody: (input: TaskInput, length: number, onRelease?: () => void) => SharedBody;
  /** Computes a body on the event loop. Undefined where that is more work than the event loop may do at once; the body stays as it was. */
  readonly runInline: (input: TaskInput, body: Buffer) => TaskResult | undefined;
  /** `gone` is aborted when the client has disconnected. @throws RequestError WORKER_LOST, DEADLINE_EXCEEDED */
  readonly runInWorker: (input: TaskInput, body: IncomingBody, gone: AbortSignal) => Promise<ExecutorResult>;
  /** Starts a thread and has it do some work, so that the first large request finds it ready. @throws Error if it cannot start */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const noNumbers = new Float64Array(0);

/** Enough for V8 to optimise what a thread does most. */
const warmUpRows = 50;

/** @param onLoss is told of every thread that died */
export function createExecutor(options: PoolOptions, budgets: Budgets, onLoss: (error: Error) => void, codel?: Codel): Executor {
  const { threads } = options;
  const admission = createAdmission(budgets, { small: 1, large: threads, stream: 1 }, () => memory.trim());
  const collector = createCollector(() => void pool.collect());
  const turns = createTurns(codel);
  const memory = createBufferPool(budgets.bytes, () => admission.load().bytes, collector);
  const onReleaseOf = new WeakMap<SharedBody, () => void>();
  const pool: WorkerPool = createWorkerPool(options, onMessage, onLoss);
  const { runInWorker, onNotice } = createWorkerRunner(pool, give, onLoss);

  function onMessage(message: WorkerNotice): void {
    if ('help' in message) pool.help(message.help);
    else onNotice(message);
  }

  async function start(): Promise<void> {
    await pool.start();
    const bytes = warmUpRequest(warmUpRows);
    const body = allocateBody(ownInput, bytes.length);
    writerOf(body)(bytes);
    await runInWorker(ownInput, { body, whole: Promise.resolve() }, new AbortController().signal);
    await pool.collect({ shrinks: true });
  }

  function allocateBody(input: TaskInput, length: number, onRelease: () => void = () => {}): SharedBody {
    const body = newBody(length, numbersIn(input, length), memory);
    onReleaseOf.set(body, onRelease);
    return body;
  }

  function give(body: SharedBody): void {
    memory.give(body.memory);
    onReleaseOf.get(body)?.();
  }

  function load(): Load {
    const { lanes, bytes, elements } = admission.load();
    const queued = { small: pool.waiting('small'), large: pool.waiting('large'), stream: 0 };
    const of = (lane: PlacedLane) => ({ running: Math.max(0, lanes[lane] - queued[lane]), waiting: queued[lane] });
    return { lanes: { small: of('small'), large: of('large'), stream: of('stream') }, bytes, elements };
  }

  return {
    threads,
    isOverloaded: turns.isOverloaded,
    takeTurn: turns.take,
    reserve: admission.reserve,
    check: admission.check,
    costOf,
    load,
    allocateBody,
    runInline,
    runInWorker,
    start,
    close: async () => {
      turns.close();
      await pool.close();
    },
  };
}

function costOf(input: TaskInput, length: number): Cost {
  const bytes = memoryOf(length, numbersIn(input, length)) + besideBody(length);
  return { lane: laneOf(length), bytes, elements: mostNumbers(input, length) };
}

function runInline(input: TaskInput, body: Buffer): TaskResult | undefined {
  try {
    const spend = workBudget(definitionOf(input).inlineWork);
    return runTask(input, { bytes: body, numbers: noNumbers, waitFor: () => body.length }, { spend });
  } catch (error) {
    if (error instanceof TooMuchWork) return undefined;
    throw error;
  }
}

/** The budgets may allow more memory than the system has. @throws RequestError OVERLOADED */
function newBody(length: number, numbers: number, pool: BufferPool): SharedBody {
  try {
    return sharedBody(length, numbers, pool.take);
  } catch (error) {
    if (error instanceof RangeError) throw overloaded('bytes', 'there is no memory for the body of this request now');
    throw error;
  }
}

/** How many numbers there is to be room for beside a body. */
function numbersIn(input: TaskInput, length: number): number {
  return definitionOf(input).scans(input) ? mostNumbers(input, length) : 0;
}

/** A number takes two bytes or more, in binary tensors of the inference protocol one, and two tensors have no more than the limit each. */
function mostNumbers({ limits, headerLength }: TaskInput, length: number): number {
  return Math.min(2 * limits.maxElements, headerLength === undefined ? Math.ceil(length / 2) : length);
}
