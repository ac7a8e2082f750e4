import { Worker } from 'node:worker_threads';
import { receivedError } from '../errors/sent-error.ts';
import type { SourceSettings } from '../sources/source-settings.ts';
import type { JobRequest } from './job-request.ts';
import type { PlanOrder, PlanOutcome } from './plan-thread.ts';
import type { Planned } from './shards/plan.ts';

/** Plans requests in a thread, since parsing the headers of files may take seconds, in which the event loop would answer nobody. */
type Planner = {
  /**
   * Opens the files of a request and divides it into shards.
   * @throws RequestError; the reason of the signal; an Error where the thread is lost
   */
  readonly plan: (request: JobRequest, client: string, signal: AbortSignal) => Promise<Planned>;
  readonly close: () => Promise<void>;
};

type Asked = { readonly resolve: (planned: Planned) => void; readonly reject: (error: unknown) => void };

type Thread = { readonly worker: Worker; readonly asked: Map<number, Asked> };

const program = new URL('./plan-thread.ts', import.meta.url);

/** MB of parsed headers: those of several files of 16 MiB. What takes more ends the thread, not the service. */
const heapMb = 1024;

/**
 * The thread starts when it is first needed, and another when it was lost.
 * @param script what the thread runs
 */
export function createPlanner(sources: SourceSettings, script = program): Planner {
  let thread: Thread | undefined;
  let lastId = 0;

  function start(): Thread {
    const worker = new Worker(script, { workerData: sources, resourceLimits: { maxOldGenerationSizeMb: heapMb } });
    const asked: Thread['asked'] = new Map();
    const lost = (error: Error) => {
      if (thread?.worker === worker) thread = undefined;
      for (const { reject } of asked.values()) reject(error);
    };
    worker.on('message', (outcome: PlanOutcome) => settle(asked.get(outcome.id), outcome));
    worker.on('error', lost);
    worker.on('exit', (code) => lost(new Error(`the thread that planned the job ended with code ${code}`)));
    worker.unref();
    return { worker, asked };
  }

  return {
    async plan(request, client, signal) {
      signal.throwIfAborted();
      thread ??= start();
      const { worker, asked } = thread;
      const id = ++lastId;
      const send = (order: PlanOrder) => worker.postMessage(order);
      const { promise, resolve, reject } = Promise.withResolvers<Planned>();
      const cancel = () => {
        reject(signal.reason);
        send({ cancel: id });
      };
      asked.set(id, { resolve, reject });
      signal.addEventListener('abort', cancel, { once: true });
      send({ id, request, client });
      return promise.finally(() => {
        asked.delete(id);
        signal.removeEventListener('abort', cancel);
      });
    },
    close: async () => void (await thread?.worker.terminate()),
  };
}

function settle(asked: Asked | undefined, outcome: PlanOutcome): void {
  if ('planned' in outcome) asked?.resolve(outcome.planned);
  else asked?.reject(receivedError(outcome));
}
