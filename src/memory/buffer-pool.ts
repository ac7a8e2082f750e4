/**
 * Memory for bodies, used again while requests follow each other: fresh memory costs a page fault for every 4 KiB, and a garbage
 * collection when it is left. What a body leaves behind is never read: the next one knows its own length.
 */
export type BufferPool = {
  readonly take: (length: number) => SharedArrayBuffer;
  /** Only what nobody reads or writes any more. */
  readonly give: (memory: SharedArrayBuffer) => void;
};

/** Sizes are rounded up to this, so that bodies of about one length fit each other's memory. */
const unitBytes = 2 ** 20;

/** Milliseconds after the last use when all of it goes back to the system. */
const idleMs = 10_000;

/** @param maxBytes how many bytes there are at the most, those in use among them, before pieces that come back are let go: the smallest first */
export function createBufferPool(maxBytes: number): BufferPool {
  // in order of size; of one size, the one that was used last comes first: the processor still knows it
  let free: SharedArrayBuffer[] = [];
  let used = 0;
  let emptying: NodeJS.Timeout | undefined;

  function take(length: number): SharedArrayBuffer {
    const fitting = free.findIndex(({ byteLength }) => byteLength >= length);
    const memory = fitting === -1 ? new SharedArrayBuffer(Math.ceil(length / unitBytes) * unitBytes) : free.splice(fitting, 1)[0];
    used += memory.byteLength;
    letGo();
    return memory;
  }
  function give(memory: SharedArrayBuffer): void {
    // two requests in one piece would read each other's numbers
    if (free.includes(memory)) throw new Error('memory was given back twice');
    used -= memory.byteLength;
    const place = free.findIndex(({ byteLength }) => byteLength >= memory.byteLength);
    free.splice(place === -1 ? free.length : place, 0, memory);
    letGo();
    clearTimeout(emptying);
    emptying = setTimeout(() => {
      free = [];
    }, idleMs);
    emptying.unref();
  }
  function letGo(): void {
    let excess = used - maxBytes + free.reduce((sum, { byteLength }) => sum + byteLength, 0);
    while (excess > 0 && free.length > 0) excess -= free.shift()?.byteLength ?? 0;
  }
  return { take, give };
}
