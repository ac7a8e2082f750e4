import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** What the process may use: bytes of memory, those of the heap that lie within V8's own limit, and cores. */
export type Machine = { readonly memory: number; readonly heap: number; readonly cores: number };

export function machineHere(): Machine {
  return { memory: memoryHere(), heap: getHeapStatistics().heap_size_limit, cores: coresHere() };
}

/** A container may have less than its machine. */
function memoryHere(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Containers are given a share of the processor's time, of which `availableParallelism` knows nothing. */
export function coresHere(read: (path: string) => string | undefined = textOf): number {
  const share = shareIn(read('/sys/fs/cgroup/cpu.max')) ?? shareIn(version1(read));
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(share ?? Number.POSITIVE_INFINITY)));
}

/** cgroup v2: `<quota> <period>`, the quota `max` where there is none. */
function shareIn(text: string | undefined): number | undefined {
  const [quota, period] = (text ?? '').trim().split(' ').map(Number);
  return quota > 0 && period > 0 ? quota / period : undefined;
}

/** cgroup v1 has a file for each, and -1 for no quota. */
function version1(read: (path: string) => string | undefined): string {
  const folder = '/sys/fs/cgroup/cpu';
  return `${read(`${folder}/cpu.cfs_quota_us`)?.trim()} ${read(`${folder}/cpu.cfs_period_us`)?.trim()}`;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
