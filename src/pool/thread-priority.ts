import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Lets the event loop, which is a thread like any other to the system, go before the thread that calls this, wherever both want a core. Linux
 * knows threads by ids of their own; elsewhere nothing is done.
 */
export function yieldToOthers(): void {
  try {
    const id = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(id, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // threads then share the cores alike
  }
}
