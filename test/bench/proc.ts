import { existsSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second for every user program. */
const secondsPerTick = 0.01;

/** CPU seconds that a process has used, all its threads together. */
export function cpuSeconds(pid: number): number {
  const [user, system] = ticksOf(pid);
  return (user + system) * secondsPerTick;
}

/**
 * Begins to count. The returned function gives the share of the CPU time of all cores that went to other processes than this one and
 * its children that have ended, or to other machines on the same hardware; null where the system does not tell.
 */
export function cpuOfOthers(): () => number | null {
  if (!existsSync('/proc/stat')) return () => null;
  const before = ticks();
  return () => {
    const after = ticks();
    const [all, busy, own] = after.map((count, k) => count - before[k]);
    return Math.max(0, Number(((busy - own) / all).toFixed(3)));
  };
}

/** Since they began: those of all cores, those that were not idle, and those of this process and its children that have ended. */
function ticks(): number[] {
  const counts = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/ +/).slice(1, 9).map(Number);
  const all = sum(counts);
  // the fourth is idle, the fifth waits for a disk
  return [all, all - counts[3] - counts[4], sum(ticksOf('self'))];
}

/** Of a process: in its own code and in the system, and of its children that have ended the same. */
function ticksOf(pid: number | 'self'): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the second field is the name in parentheses, and may hold spaces
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map(Number);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Resident memory of a process in bytes: now, and at its highest since it started. */
export function residentBytes(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 };
}
