import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/**
 * The garbage of this thread. `hidden` is what V8 does not know of, such as shared memory; `heap` is what texts have taken of the heap at
 * the most, or what it has grown by, once that was measured; `kept` is what V8 held beside young objects when all garbage had been
 * collected.
 */
const garbage = { hidden: 0, heap: 0, kept: heldBytes() };

/** What cannot be freed array by array is collected once there is so much of it. */
const garbageBytes = 2 ** 24;

/** Counts bytes of garbage that V8 does not know of. */
export function noteGarbage(bytes: number): void {
  garbage.hidden += bytes;
}

/** Counts bytes of the heap that become garbage, at the most. */
export function noteHeap(bytes: number): void {
  garbage.heap += bytes;
}

/**
 * Whether this thread has so much garbage that it should be collected. Before V8 goes over its whole heap, the heap is measured: it may
 * have grown by less than was reckoned, as V8 collects young objects by itself and at little cost.
 */
export function isGarbageDue(): boolean {
  if (garbage.hidden + garbage.heap <= garbageBytes) return false;
  garbage.heap = Math.min(garbage.heap, Math.max(0, heldBytes() - garbage.kept));
  return garbage.hidden + garbage.heap > garbageBytes;
}

/** Starts to count anew, when all garbage has been collected. */
export function forgetGarbage(): void {
  Object.assign(garbage, { hidden: 0, heap: 0, kept: heldBytes() });
}

/** Bytes that V8 holds beside those of young objects, with what lies outside of its heap. */
function heldBytes(): number {
  const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'));
  return old.reduce((bytes, { space_used_size: used }) => bytes + used, getHeapStatistics().external_memory);
}
