import { Worker } from 'node:worker_threads';
import { refuse } from '../../errors/request-error.ts';
import { receivedError } from '../../errors/sent-error.ts';
import type { JobView } from '../job-answer.ts';
import type { Call, Methods, Told } from './calls.ts';
import type { JobSettings } from './instance.ts';

/** Asks the thread of jobs. */
type Caller = {
  /**
   * What only reads is asked again, once, of the thread that takes the place of a lost one.
   * @throws RequestError of the method; JOBS_UNAVAILABLE where the thread is lost, and while there is none; the reason of the signal
   */
  readonly ask: <Name extends keyof Methods>(method: Name, args: ArgsOf<Name>, until?: Until) => Promise<Answer<Name>>;
  /** Closes the engine and ends the thread; at once, if the thread has not answered `stop` yet. */
  readonly close: () => Promise<void>;
};

type ArgsOf<Name extends keyof Methods> = Parameters<Methods[Name]> extends [unknown, ...infer Args] ? Args : never;
type Answer<Name extends keyof Methods> = ReturnType<Methods[Name]> extends Promise<infer Value> ? Value : never;

/** When the caller goes away, and whom the thread tells of a job until then. */
type Until = { readonly signal?: AbortSignal; readonly tell?: (view: JobView) => void };

type Asked = {
  readonly call: Exclude<Call, { cancel: number }>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly tell: Until['tell'];
  isAskedAgain: boolean;
};

const reads: readonly (keyof Methods)[] = ['find', 'list', 'load'];

/** MB of parsed requests, plans and answers. What takes more ends the thread, not the service. */
const heapMb = 1024;

/** Another thread takes the place of one that was lost after so many ms. */
const againMs = 1_000;

/**
 * Starts the thread of jobs, and another when it was lost, which goes on with the watches.
 * @throws Error in one line, if the first cannot begin
 */
export async function createCaller(script: URL, settings: JobSettings, report: (error: unknown) => void): Promise<Caller> {
  const asked = new Map<number, Asked>();
  let thread: Worker | undefined;
  let lastId = 0;
  let isClosed = false;

  async function start(): Promise<void> {
    const { worker, ready, ended } = startThread(script, settings, { report, settle });
    const failure = await Promise.race([ready, ended]);
    if (failure !== undefined) throw failure;
    worker.unref();
    thread = worker;
    for (const { call } of asked.values()) worker.postMessage(call);
    ended.then(lost);
  }

  function lost(error: Error): void {
    thread = undefined;
    if (isClosed) refuseLost();
    else startAgain(error);
  }

  /** Watches go on in the next thread. What changes jobs may have done so or not; it may also be what the thread was lost by. */
  function refuseLost(): void {
    for (const [id, one] of asked) {
      if (one.tell !== undefined) continue;
      if (!isClosed && !one.isAskedAgain && reads.includes(one.call.method)) {
        one.isAskedAgain = true;
        continue;
      }
      asked.delete(id);
      one.reject(unavailable('the thread of jobs was lost before it answered'));
    }
  }

  function startAgain(error: unknown): void {
    report(error);
    refuseLost();
    setTimeout(() => void (isClosed || start().catch(startAgain)), againMs).unref();
  }

  function settle(message: Extract<Told, { id: number }>): void {
    const one = asked.get(message.id);
    if ('told' in message) one?.tell?.(message.told);
    else {
      asked.delete(message.id);
      if ('value' in message) one?.resolve(message.value as never);
      else one?.reject(receivedError(message));
    }
  }

  async function ask<Name extends keyof Methods>(method: Name, args: ArgsOf<Name>, { signal, tell }: Until = {}) {
    signal?.throwIfAborted();
    if (thread === undefined) throw unavailable('the queue of jobs cannot be reached now');
    const { promise, resolve, reject } = Promise.withResolvers<Answer<Name>>();
    const call = { id: ++lastId, method, args };
    const cancel = () => {
      asked.delete(call.id);
      thread?.postMessage({ cancel: call.id });
      reject(signal?.reason);
    };
    asked.set(call.id, { call, resolve, reject, tell, isAskedAgain: false });
    signal?.addEventListener('abort', cancel, { once: true });
    thread.postMessage(call, memoryOf(args));
    return promise.finally(() => signal?.removeEventListener('abort', cancel));
  }

  async function close(): Promise<void> {
    isClosed = true;
    const closing = thread;
    // nothing else may keep the process until the engine is closed
    closing?.ref();
    if (closing !== undefined && !asked.values().some(({ call }) => call.method === 'stop')) await ask('close', []).catch(report);
    await closing?.terminate();
    refuseLost();
  }

  await start();
  return { ask, close };
}

type Listener = { readonly report: (error: unknown) => void; readonly settle: (message: Extract<Told, { id: number }>) => void };

function startThread(script: URL, workerData: JobSettings, { report, settle }: Listener) {
  const worker = new Worker(script, { workerData, resourceLimits: { maxOldGenerationSizeMb: heapMb } });
  const ready = new Promise<void>((resolve) => {
    worker.on('message', (message: Told) => {
      if ('ready' in message) resolve();
      else if ('report' in message) report(message.report);
      else settle(message);
    });
  });
  const ended = new Promise<Error>((resolve) => {
    // an error comes before the exit, and says why
    worker.once('error', resolve);
    worker.once('exit', (code) => resolve(new Error(`the thread of jobs ended with code ${code}`)));
  });
  return { worker, ready, ended };
}

const unavailable = (detail: string) => refuse('JOBS_UNAVAILABLE', '#', detail, 5);

/** The bytes among arguments, which are not copied. */
function memoryOf(args: readonly unknown[]): ArrayBuffer[] {
  return args.filter((arg) => arg instanceof Uint8Array).map(({ buffer }) => buffer as ArrayBuffer);
}
