/**
 * Memory for bodies, used again while requests follow each other: fresh memory costs a page fault for every 4 KiB, and a garbage
 * collection when it is left. What a body leaves behind is never read: the next one knows its own length.
 */
export type BodyMemory = {
  readonly take: (length: number) => SharedArrayBuffer;
  /** Only what nobody reads or writes any more. */
  readonly give: (memory: SharedArrayBuffer) => void;
};

/** Sizes are rounded up to this, so that bodies of about one length fit each other's memory. */
const unit = 2 ** 20;

/** Milliseconds after the last use when all of it goes back to the system. */
const idle = 10_000;

/** Pieces of one unit that are kept beside larger ones: as many small bodies may wait at the same time. */
const mostUnits = 32;

/** @param most how many pieces of more than a unit are kept: the largest, which fit every body */
export function bodyMemory(most: number): BodyMemory {
  let free: SharedArrayBuffer[] = [];
  let emptying: NodeJS.Timeout | undefined;

  function take(length: number): SharedArrayBuffer {
    const fitting = free.findIndex(({ byteLength }) => byteLength >= length);
    return fitting === -1 ? new SharedArrayBuffer(Math.ceil(length / unit) * unit) : free.splice(fitting, 1)[0];
  }
  function give(memory: SharedArrayBuffer): void {
    // two requests in one piece would read each other's numbers
    if (free.includes(memory)) throw new Error('memory was given back twice');
    // of two that fit alike, the one that was used last: the processor still knows it
    const all = [memory, ...free].sort((a, b) => a.byteLength - b.byteLength);
    const units = all.filter(({ byteLength }) => byteLength === unit);
    free = [...units.slice(0, mostUnits), ...all.slice(units.length).slice(-most)];
    clearTimeout(emptying);
    emptying = setTimeout(() => {
      free = [];
    }, idle);
    emptying.unref();
  }
  return { take, give };
}
