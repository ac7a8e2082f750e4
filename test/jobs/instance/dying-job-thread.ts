import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Call, Told } from '../../../src/jobs/instance/calls.ts';

const tell = (message: Told) => parentPort?.postMessage(message);
const view = { id: 'job-1', isOver: false, state: 'queued-0-0', body: new TextEncoder().encode('{}') };
const trace = join(workerData.jobsDir, 'started');
const isFirst = !existsSync(trace);
writeFileSync(trace, '');

// a thread that answers what it is asked, dies of one id, and leaves a file when it is stopped; the first answers nothing about another
parentPort?.on('message', (call: Call) => {
  if ('cancel' in call) return;
  const { id, method, args } = call;
  if (method === 'stop') writeFileSync(join(workerData.jobsDir, 'stopped'), '');
  if (method === 'watch') tell({ id, told: view });
  else if (args[0] === 'dies') throw new Error('killed');
  else if (args[0] === 'waits' && isFirst) return;
  else tell({ id, value: method === 'find' ? view : undefined });
});
tell({ ready: true });
