import { resourceLimits } from 'node:worker_threads';
import { refuse } from '../../errors/request-error.ts';
import { takeHeap } from '../../memory/task-memory.ts';
import type { Structure } from './structure.ts';

const mebibyte = 2 ** 20;

/**
 * Bytes of heap that V8 takes at the most for each part of a JSON text, on 64 bits. Garbage that is still to be collected has its share.
 */
const costs = {
  // a place in a list, and a number outside of it or the head of a string
  commas: 24,
  // a list: the object, the head of its elements, and its own place
  containers: 56,
  characters: 1,
  // where every object has a name that no other has
  fields: 320,
} as const;

/** What a thread has on its heap before it reads anything, and for what follows. */
const forAllElse = 24 * mebibyte;

const heap = (resourceLimits.maxOldGenerationSizeMb ?? Number.POSITIVE_INFINITY) * mebibyte;

/**
 * That JSON.parse has room for a text in this thread: V8 looks for a way out only when it has none left, and may then take the process with
 * it.
 * @throws RequestError BODY_TOO_COMPLEX, or OVERLOADED where the process has no room for it now
 */
export function checkHeap(structure: Structure): void {
  const needed = needOf(structure);
  if (needed <= heap - forAllElse) {
    takeHeap(needed);
    return;
  }
  const has = Math.max(0, Math.floor(heap / mebibyte) - forAllElse / mebibyte);
  const detail = `the body is more than plain rows of numbers, and may take ${Math.ceil(needed / mebibyte)} MB to read; there are ${has} here`;
  throw refuse('BODY_TOO_COMPLEX', '#', detail);
}

function needOf(structure: Structure): number {
  return Object.entries(costs).reduce((bytes, [part, cost]) => bytes + structure[part as keyof typeof costs] * cost, 0);
}
