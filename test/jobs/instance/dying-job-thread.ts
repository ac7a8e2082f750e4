import { parentPort } from 'node:worker_threads';
import type { Call, Told } from '../../../src/jobs/instance/calls.ts';

const tell = (message: Told) => parentPort?.postMessage(message);
const view = { id: 'job-1', isOver: false, state: 'queued-0-0', body: new TextEncoder().encode('{}') };

// a thread that answers what it is asked, and dies of one id
parentPort?.on('message', (call: Call) => {
  if ('cancel' in call) return;
  const { id, method, args } = call;
  if (method === 'watch') tell({ id, told: view });
  else if (args[0] === 'dies') throw new Error('killed');
  else tell({ id, value: method === 'find' ? view : undefined });
});
tell({ ready: true });
