import { setImmediate as turn } from 'node:timers/promises';
import { run as runAsEver, type WorkerMessage, type WorkerReply } from '../../src/pool/worker.ts';

export { help } from '../../src/pool/worker.ts';

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
