import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Lowers the priority of the calling thread below that of the event loop, so that the event loop gets a core first. This works on Linux,
 * where threads have ids of their own; elsewhere it does nothing.
 */
export function yieldToOthers(priority: number = constants.priority.PRIORITY_BELOW_NORMAL): void {
  try {
    const id = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(id, priority);
  } catch {
    // all threads then have the same priority
  }
}
