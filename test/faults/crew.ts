import { RequestError } from '../../src/errors/request-error.ts';
import { reserveBody } from '../../src/http/body/reservation.ts';
import { writerOf } from '../../src/memory/shared-body.ts';
import { createExecutor } from '../../src/pool/executor.ts';
import { largeMinBytes } from '../../src/pool/lanes.ts';
import { now } from '../../src/tasks/deadline.ts';
import type { TaskInput } from '../../src/tasks/task.ts';
import { compileCache } from '../service-process.ts';
import { expected, type Fault } from './faulty-worker.ts';

export type Lane = 'small' | 'large';

/** A request as all others are, but for how its thread goes wrong, until when it waits, in ms from now, and who waits. */
type Request = { readonly fault?: Fault | undefined; readonly within?: number | undefined; readonly gone?: AbortSignal | undefined };

const script = new URL('./faulty-worker.ts', import.meta.url);
const budgets = { slots: { small: 99, large: 99, stream: 99 }, bytes: 2 ** 30, elements: 2 ** 30 };
const never = new AbortController().signal;

const text = '{"input": [[2, 1, 0.1]], "target": [[1.5, 1.2, 0.2]], "reduction": "sum"}';
const bodies: Record<Lane, Buffer> = { small: Buffer.from(text), large: Buffer.from(text.padEnd(largeMinBytes)) };

/** A pool that is not whole by then will never be. In ms. */
const meetingMs = 30_000;

// threads that are to be lost would each write down what they covered, and the summary would read it all
delete process.env.NODE_V8_COVERAGE;
process.env.NODE_COMPILE_CACHE = compileCache;

/** An executor whose workers go wrong where a request says so; `losses` tells of each that was lost. */
export function crew(threads: number, heap = 40) {
  const losses: Error[] = [];
  const workers = createExecutor({ threads, heapMb: heap, script }, budgets, (error) => losses.push(error));

  /** What becomes of a request: `answered`, or the code of its problem. */
  async function ask(lane: Lane, { fault, within = Number.POSITIVE_INFINITY, gone = never }: Request = {}): Promise<string> {
    const bytes = bodies[lane];
    const work = workFor(fault, now() + within);
    const room = reserveBody(workers, work, 0, { client: () => 'all' }, bytes.length);
    room.whole(bytes.length);
    const body = room.take(bytes.length);
    writerOf(body)(bytes);
    try {
      const { answered, refused } = await workers.runInWorker(work, { body, whole: Promise.resolve() }, gone);
      return answered === undefined ? refused.faults[0].code : 'answered';
    } catch (error) {
      if (error instanceof RequestError) return error.code;
      throw error;
    } finally {
      room.release();
    }
  }

  /** Resolves when all threads have been at work at the same time, each with a task that waits for all others. */
  async function meet(): Promise<void> {
    const state = new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(state)[expected] = threads + 1;
    const work = workFor('meets', now() + meetingMs);
    // a small task goes to the thread for small ones when all others have been taken
    const tasks = [...Array<Lane>(threads).fill('large'), 'small' as const].map((lane) => {
      const body = { ...workers.allocateBody(work, bodies[lane].length), state };
      return workers.runInWorker(work, { body, whole: Promise.resolve() }, never);
    });
    await Promise.all(tasks);
  }
  return { workers, losses, ask, meet };
}

function workFor(fault: Fault | undefined, deadline: number): TaskInput {
  return {
    task: 'json',
    query: {},
    accepts: 'json',
    limits: { maxElements: 1_000_000 },
    problemContext: { path: '/v1/kl-divergence', requestId: fault ?? 'ordinary' },
    received: now(),
    deadline,
  };
}
