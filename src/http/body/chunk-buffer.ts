/** Bytes that come in pieces. */
type ChunkBuffer = {
  readonly length: () => number;
  readonly append: (bytes: Buffer) => void;
  /** All of them, in one; what comes next begins anew. */
  readonly take: () => Buffer;
  /** All of them, in chunks; what comes next begins anew. */
  readonly takeChunks: () => readonly Buffer[];
  /** Gives them away one by one, so that there are never two of all of them, until `most` bytes are gone. */
  readonly drain: (use: (bytes: Buffer) => void, most?: number) => void;
};

/** A piece of fewer bytes is copied to others: on its own it takes a hundred bytes more, and keeps the chunk that it is a part of. */
const smallBytes = 2 ** 12;

/** Where small pieces are copied to. */
const slabBytes = 2 ** 14;

export function createChunkBuffer(): ChunkBuffer {
  let kept: Buffer[] = [];
  let length = 0;
  let slab: Buffer | undefined;
  let used = 0;

  function append(bytes: Buffer): void {
    // nothing would keep a chunk that may be freed
    if (bytes.length === 0) return;
    length += bytes.length;
    // the first is often the only one
    if (kept.length === 0 || bytes.length >= smallBytes) {
      closeSlab();
      kept.push(bytes);
      return;
    }
    if (used + bytes.length > slabBytes) closeSlab();
    slab ??= Buffer.allocUnsafeSlow(slabBytes);
    used += bytes.copy(slab, used);
  }

  function closeSlab(): void {
    if (slab !== undefined) kept.push(slab.subarray(0, used));
    slab = undefined;
    used = 0;
  }

  function take(): Buffer {
    closeSlab();
    const all = kept.length === 1 ? kept[0] : Buffer.concat(kept, length);
    kept = [];
    length = 0;
    return all;
  }
  function takeChunks(): readonly Buffer[] {
    closeSlab();
    const all = kept;
    kept = [];
    length = 0;
    return all;
  }
  function drain(use: (bytes: Buffer) => void, most = Number.POSITIVE_INFINITY): void {
    closeSlab();
    let count = 0;
    while (count < kept.length && most > 0) {
      const piece = kept[count++];
      most -= piece.length;
      length -= piece.length;
      use(piece);
    }
    kept.splice(0, count);
  }
  return { length: () => length, append, take, takeChunks, drain };
}
