/**
 * Gives the memory of a chunk back at once. Left to the garbage collector, the chunks of a large body make it run once or twice for every
 * request, over a heap that they have no part in.
 */
export function freeChunk({ buffer, byteLength }: Buffer): void {
  // memory that is shared with other chunks stays
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && !buffer.detached) buffer.transfer(0);
}
