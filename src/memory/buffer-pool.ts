/**
 * Reuses the memory of bodies. Fresh memory costs a page fault for every 4 KiB, and a garbage collection after use. Old bytes stay in the
 * memory, but no reader goes beyond the length of its own body.
 */
export type BufferPool = {
  readonly take: (length: number) => SharedArrayBuffer;
  /** Takes memory back. The caller guarantees that no thread reads or writes it any more. */
  readonly give: (memory: SharedArrayBuffer) => void;
  /** Frees unused buffers, the smallest first, as long as there are more bytes than there may be. */
  readonly trim: () => void;
};

/** Sizes are rounded up to this, so that bodies of similar length can reuse memory. */
const unitBytes = 2 ** 20;

/** The pool frees all unused memory this long after the last use. */
const idleMs = 10_000;

/**
 * @param maxBytes limit on all bytes, including those in use
 * @param inUse all bytes in use, where those of the pool are not all
 * @param onFreed is told how many bytes were freed: they are garbage until every thread that has seen them has collected its own
 */
export function createBufferPool(maxBytes: number, inUse: () => number = () => 0, onFreed: (bytes: number) => void = () => {}): BufferPool {
  // sorted by size; within a size the last used comes first, since the processor may still cache it
  const free: SharedArrayBuffer[] = [];
  let used = 0;
  let emptying: NodeJS.Timeout | undefined;

  function take(length: number): SharedArrayBuffer {
    const fitting = free.findIndex(({ byteLength }) => byteLength >= length);
    const memory = fitting === -1 ? new SharedArrayBuffer(Math.ceil(length / unitBytes) * unitBytes) : free.splice(fitting, 1)[0];
    used += memory.byteLength;
    trim();
    return memory;
  }
  function give(memory: SharedArrayBuffer): void {
    // two requests in one buffer would read each other's numbers
    if (free.includes(memory)) throw new Error('memory was released twice');
    used -= memory.byteLength;
    const place = free.findIndex(({ byteLength }) => byteLength >= memory.byteLength);
    free.splice(place === -1 ? free.length : place, 0, memory);
    freeAbove(used);
    clearTimeout(emptying);
    emptying = setTimeout(() => freeAbove(Number.POSITIVE_INFINITY), idleMs);
    emptying.unref();
  }
  function trim(): void {
    freeAbove(Math.max(used, inUse()));
  }
  function freeAbove(taken: number): void {
    const before = bytesOf(free);
    for (let excess = taken - maxBytes + before; excess > 0 && free.length > 0; ) excess -= free.shift()?.byteLength ?? 0;
    const freed = before - bytesOf(free);
    if (freed > 0) onFreed(freed);
  }
  return { take, give, trim };
}

function bytesOf(buffers: readonly SharedArrayBuffer[]): number {
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
