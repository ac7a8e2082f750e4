import { performance } from 'node:perf_hooks';

/** A queue that lasts longer than this is no burst, but overload. */
const intervalMs = 100;

/** Longest accepted wait for the event loop during overload. */
const targetMs = 20;

/** Longest accepted wait for the event loop during a burst. */
const burstMs = 100;

/**
 * Clocks in ms: the time; how long the event loop has slept in all, because there was nothing to do; the CPU time that it has used in all.
 */
type LoopClock = { readonly now: () => number; readonly idle: () => number; readonly used: () => number };

const loopClock: LoopClock = {
  now: () => performance.now(),
  idle: () => performance.nodeTiming.idleTime,
  used: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
};

/** Follows how long the event loop keeps requests waiting. */
export type Codel = {
  /** To be called when the event loop has just read what there was to read, at least once in an iteration that takes `targetMs`. */
  readonly endRead: () => void;
  /** Whether what is read now has waited too long. */
  readonly isLate: () => boolean;
};

/**
 * Small requests have no queue but the event loop: one iteration answers all that it can read, and what comes meanwhile waits for its end.
 * All work since the last read counts, whatever it was done for; time in which the loop slept does not. Nor does what exceeds twice its CPU
 * time: if other threads and processes take the core away, refusals give none back. One long iteration is a burst; a series of them means
 * overload. After K. Nichols and V. Jacobson, Controlling queue delay, doi:10.1145/2209249.2209264.
 */
export function createCodel({ now, idle, used }: LoopClock = loopClock): Codel {
  let read = { at: now(), idle: idle(), used: used() };
  let lateSince: number | undefined;
  let isLateNow = false;

  /** The ms of work since the last read. */
  function busyMs(at: number): number {
    const since = at - read.at;
    // most of the time there is no need to ask
    return since > targetMs ? Math.min(since - (idle() - read.idle), 2 * (used() - read.used)) : since;
  }

  function endRead(): void {
    const at = now();
    lateSince = busyMs(at) > targetMs ? (lateSince ?? at) : undefined;
    read = { at, idle: idle(), used: used() };
    isLateNow = false;
  }

  function isLate(): boolean {
    // what is late stays so until the next read, and to ask for the CPU time costs as much as to parse a request
    if (isLateNow) return true;
    const at = now();
    const isOverload = lateSince !== undefined && at - lateSince > intervalMs;
    isLateNow = busyMs(at) > (isOverload ? targetMs : burstMs);
    return isLateNow;
  }
  return { endRead, isLate };
}
