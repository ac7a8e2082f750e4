import { setImmediate as turn } from 'node:timers/promises';
import type { SharedBlocks } from '../../src/kernels/shared-blocks.ts';
import type { WorkerMessage, WorkerReply } from '../../src/pool/worker.ts';

/** What the service's own threads run, which most faults do not need: loading it takes most of the start of a thread. */
const worker = () => import('../../src/pool/worker.ts');
const runAsEver = async (task: WorkerMessage): Promise<WorkerReply> => (await worker()).run(task);

export const help = async (blocks: SharedBlocks): Promise<void> => (await worker()).help(blocks);

/** Entries of the state of a body beyond the service's own: how many tasks have come to a meeting, and how many are to come. */
export const arrived = 3;
export const expected = 4;

/** How a thread goes wrong with a task whose request id is one of these. */
const faults = {
  'throws as it works': (task: WorkerMessage) => runAsEver({ ...task, input: { ...task.input, task: 'unheard of' as never } }),
  'throws to the pool': () => {
    throw new Error('thrown to the pool');
  },
  'throws uncaught': () =>
    new Promise<WorkerReply>(() => {
      setTimeout(() => {
        throw new Error('thrown uncaught');
      });
    }),
  'rejects unhandled': () =>
    new Promise<WorkerReply>(() => {
      Promise.reject(new Error('rejected unhandled'));
    }),
  exits: () => process.exit(0),
  // by and by, as V8 ends a thread between two steps: one that takes much at once may take the process with it
  'runs out of memory': async () => {
    for (const kept: unknown[] = []; ; await turn()) kept.push(Array(2 ** 15).fill(kept));
  },
  loops: () => {
    for (;;);
  },
  meets,
  'answers at once': (): WorkerReply => ({ timings: {}, answered: { content: '', elements: 0, warnings: [] } }),
};

export type Fault = keyof typeof faults;

/** What the service's own threads do, but for tasks that are to go wrong. */
export function run(task: WorkerMessage): WorkerReply | Promise<WorkerReply> {
  const fault = faults[task.input.problemContext.requestId as Fault] ?? runAsEver;
  return fault(task);
}

/** Ends when all who are to come to a meeting are there at the same time. */
function meets({ body }: WorkerMessage): WorkerReply {
  const counters = new Int32Array(body.state);
  Atomics.add(counters, arrived, 1);
  Atomics.notify(counters, arrived);
  for (let here = 0; here < counters[expected]; here = Atomics.load(counters, arrived)) Atomics.wait(counters, arrived, here);
  return { timings: {}, answered: { content: '', elements: 0, warnings: [] } };
}
