/**
 * Gives the memory of a chunk back at once. Left to the garbage collector, the chunks of a large body make it run once or twice for every
 * request, over a heap that they have no part in.
 */
export function freeChunk({ buffer, byteLength }: Buffer): void {
  // memory that is shared with other chunks stays
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && !buffer.detached) buffer.transfer(0);
}

/** Bytes of a piece that shares its memory with nothing else. */
const ownBytes = 2 ** 16;

/** Gives the memory of a piece of an answer back at once. The caller guarantees that nothing reads it any more. */
export function freePiece({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && length >= ownBytes && !buffer.detached) buffer.transfer(0);
}
