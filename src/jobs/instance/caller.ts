import { Worker } from 'node:worker_threads';
import type { JobView } from '../job-answer.ts';
import type { Methods, Told } from './calls.ts';
import type { JobSettings } from './instance.ts';
import { createOpenCalls, unavailable } from './open-calls.ts';

/** Asks the thread of jobs. */
type Caller = {
  /**
   * What only reads is asked again, once, of the thread that takes the place of a lost one.
   * @throws RequestError of the method; JOBS_UNAVAILABLE where the thread is lost, and while there is none; the reason of the signal
   */
  readonly ask: <Name extends keyof Methods>(method: Name, args: ArgsOf<Name>, until?: Until) => Promise<Answer<Name>>;
  /** Has the thread take no more shards and give back those that run. From now on no thread takes the place of a lost one. */
  readonly stop: () => Promise<void>;
  /** Closes the engine and ends the thread; at once, if the thread has not answered `stop` yet. */
  readonly close: () => Promise<void>;
};

type ArgsOf<Name extends keyof Methods> = Parameters<Methods[Name]> extends [unknown, ...infer Args] ? Args : never;
type Answer<Name extends keyof Methods> = ReturnType<Methods[Name]> extends Promise<infer Value> ? Value : never;

/** When the caller goes away, and whom the thread tells of a job until then. */
type Until = { readonly signal?: AbortSignal; readonly tell?: (view: JobView) => void };

/** MB of parsed requests, plans and answers. What takes more ends the thread, not the service. */
const heapMb = 1024;

/** Another thread takes the place of one that was lost after so many ms. */
const againMs = 1_000;

/**
 * Starts the thread of jobs, and another when it was lost, which goes on with the watches, until `stop` or `close` is called.
 * @throws Error in one line, if the first cannot begin
 */
export async function createCaller(script: URL, settings: JobSettings, report: (error: unknown) => void): Promise<Caller> {
  const calls = createOpenCalls();
  let thread: Worker | undefined;
  /** Ends when a thread that takes the place of a lost one has begun, or cannot. */
  let starting = Promise.resolve();
  let lastId = 0;
  let isStopping = false;
  let isClosed = false;

  async function start(): Promise<void> {
    const { worker, ready, ended } = startThread(script, settings, { report, settle: calls.settle });
    const failure = await Promise.race([ready, ended]);
    if (failure !== undefined) throw failure;
    worker.unref();
    thread = worker;
    for (const call of calls.all()) worker.postMessage(call);
    ended.then(lost);
  }

  function lost(error: unknown): void {
    thread = undefined;
    if (!isClosed) report(error);
    calls.refuseLost(!isStopping);
    if (!isStopping) setTimeout(startAgain, againMs).unref();
  }

  function startAgain(): void {
    if (isStopping) calls.refuseLost(false);
    else starting = start().catch(lost);
  }

  async function ask<Name extends keyof Methods>(method: Name, args: ArgsOf<Name>, { signal, tell }: Until = {}) {
    signal?.throwIfAborted();
    if (thread === undefined) throw unavailable('the queue of jobs cannot be reached now');
    const call = { id: ++lastId, method, args };
    const answer = calls.add<Answer<Name>>(call, tell);
    const cancel = () => {
      thread?.postMessage({ cancel: call.id });
      calls.reject(call.id, signal?.reason);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    thread.postMessage(call, memoryOf(args));
    return answer.finally(() => signal?.removeEventListener('abort', cancel));
  }

  async function stop(): Promise<void> {
    isStopping = true;
    // a thread may take shards as soon as it begins
    await starting;
    if (thread !== undefined) await ask('stop', []);
  }

  async function close(): Promise<void> {
    isStopping = true;
    isClosed = true;
    const closing = thread;
    // nothing else may keep the process until the engine is closed
    closing?.ref();
    if (closing !== undefined && !calls.all().some(({ method }) => method === 'stop')) await ask('close', []).catch(report);
    await closing?.terminate();
    calls.refuseLost(false);
  }

  await start();
  return { ask, stop, close };
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

/** The bytes among arguments, which are not copied. */
function memoryOf(args: readonly unknown[]): ArrayBuffer[] {
  return args.filter((arg) => arg instanceof Uint8Array).map(({ buffer }) => buffer as ArrayBuffer);
}
