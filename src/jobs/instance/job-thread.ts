import { parentPort, workerData } from 'node:worker_threads';
import { sentError } from '../../errors/sent-error.ts';
import { collectGarbage } from '../../pool/collect-garbage.ts';
import type { Call, Methods, OpenCall, Told } from './calls.ts';
import type { JobSettings } from './instance.ts';
import { runJobs } from './run-jobs.ts';

const tell = (message: Told) => parentPort?.postMessage(message, memoryOf(message));
const { service, load, stop, close } = await runJobs(workerData as JobSettings, (report) => tell({ report }));
const open = new Map<number, AbortController>();

const methods: Methods = {
  submit: ({ signal }, body, asker) => service.submit(body, asker, signal),
  find: (_call, ...args) => service.find(...args),
  list: (_call, ...args) => service.list(...args),
  cancel: (_call, ...args) => service.cancel(...args),
  remove: (_call, ...args) => service.remove(...args),
  watch: ({ signal, tell }, id, client) =>
    new Promise((resolve) => {
      const stopWatching = service.watch(id, client, tell);
      signal.addEventListener('abort', () => resolve(stopWatching()), { once: true });
    }),
  load,
  stop,
  close,
};

parentPort?.on('message', async (call: Call) => {
  if ('cancel' in call) open.get(call.cancel)?.abort();
  else tell(await outcomeOf(call));
});
// what the start took for a moment would otherwise be kept
collectGarbage({ shrinks: true });
tell({ ready: true });

async function outcomeOf({ id, method, args }: Exclude<Call, { cancel: number }>): Promise<Told> {
  const abort = new AbortController();
  open.set(id, abort);
  try {
    const run = methods[method] as (call: OpenCall, ...args: readonly unknown[]) => Promise<unknown>;
    return { id, value: await run({ signal: abort.signal, tell: (told) => tell({ id, told }) }, ...args) };
  } catch (error) {
    return { id, ...sentError(error) };
  } finally {
    open.delete(id);
  }
}

/** The bytes of a message, which are not copied. */
function memoryOf(message: Told): ArrayBuffer[] {
  const answer = 'told' in message ? message.told : 'value' in message ? message.value : undefined;
  const bytes = answer instanceof Uint8Array ? answer : (answer as { body?: Uint8Array } | undefined)?.body;
  return bytes === undefined ? [] : [bytes.buffer as ArrayBuffer];
}
