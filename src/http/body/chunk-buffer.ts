/** Bytes that come in pieces. */
export type Pieces = {
  readonly length: () => number;
  readonly append: (bytes: Buffer) => void;
  /** All of them, in one; what comes next begins anew. */
  readonly take: () => Buffer;
  /** Gives them away one by one, so that there are never two of all of them. */
  readonly giveAway: (use: (bytes: Buffer) => void) => void;
};

/** A piece of fewer bytes is copied to others: each on its own takes a hundred bytes of memory, and keeps the chunk that it is a part of. */
const small = 2 ** 12;

/** Where small pieces are copied to. */
const shelfBytes = 2 ** 14;

export function pieces(): Pieces {
  let kept: Buffer[] = [];
  let length = 0;
  let shelf: Buffer | undefined;
  let used = 0;

  function append(bytes: Buffer): void {
    length += bytes.length;
    // the first is often the only one
    if (kept.length === 0 || bytes.length >= small) {
      clearShelf();
      kept.push(bytes);
      return;
    }
    if (used + bytes.length > shelfBytes) clearShelf();
    shelf ??= Buffer.allocUnsafeSlow(shelfBytes);
    used += bytes.copy(shelf, used);
  }

  function clearShelf(): void {
    if (shelf !== undefined) kept.push(shelf.subarray(0, used));
    shelf = undefined;
    used = 0;
  }

  function take(): Buffer {
    clearShelf();
    const all = kept.length === 1 ? kept[0] : Buffer.concat(kept, length);
    kept = [];
    length = 0;
    return all;
  }
  function giveAway(use: (bytes: Buffer) => void): void {
    clearShelf();
    for (let piece = kept.shift(); piece !== undefined; piece = kept.shift()) use(piece);
    length = 0;
  }
  return { length: () => length, append, take, giveAway };
}
