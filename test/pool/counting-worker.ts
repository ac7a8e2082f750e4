import { parentPort } from 'node:worker_threads';
import { run as runAsEver, type WorkerMessage, type WorkerReply } from '../../src/pool/worker.ts';

export { help } from '../../src/pool/worker.ts';

let requests = 0;
const post = parentPort?.postMessage.bind(parentPort);
Object.assign(parentPort ?? {}, {
  postMessage: (message: object) => {
    if ('help' in message) requests++;
    post?.(message);
  },
});

/** Answers how often the service's own worker asked for help, instead of with its response. */
export function run(task: WorkerMessage): WorkerReply {
  requests = 0;
  const reply = runAsEver(task);
  return 'answered' in reply ? { timings: {}, answered: { content: String(requests), elements: 0, warnings: [] } } : reply;
}
