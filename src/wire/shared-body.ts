/** A body in memory that two threads see: one appends what arrives, the other reads what is there. */
export type SharedBody = {
  /** May be longer than the body, with what an earlier one left behind it. */
  readonly memory: SharedArrayBuffer;
  readonly length: number;
  readonly state: SharedArrayBuffer;
};

/** Entries of `state`: the bytes that have come, those that a reader waits for, and whether nobody wants the body any more. */
const received = 0;
const wanted = 1;
const abandoned = 2;

export function sharedBody(length: number, memory = new SharedArrayBuffer(length)): SharedBody {
  return { memory, length, state: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT) };
}

/** Adds what arrives; no more than the body's length in all. */
export function writerOf({ memory, length, state }: SharedBody): (chunk: Uint8Array) => void {
  const counters = new Int32Array(state);
  const bytes = new Uint8Array(memory, 0, length);
  let at = 0;
  return (chunk) => {
    bytes.set(chunk, at);
    at += chunk.length;
    Atomics.store(counters, received, at);
    // to wake a thread takes longer than to copy a chunk
    if (at >= Atomics.load(counters, wanted)) Atomics.notify(counters, received);
  };
}

/** Nobody waits for the answer any more: whoever reads stops. */
export function abandon({ state }: SharedBody): void {
  const counters = new Int32Array(state);
  Atomics.store(counters, abandoned, 1);
  Atomics.notify(counters, received);
}

/** Why reading a body ended before its end: it comes too slowly to wait for, or nobody wants it any more. */
export class Unread extends Error {
  readonly why: 'starved' | 'abandoned';

  constructor(why: 'starved' | 'abandoned') {
    super(`the body was ${why}`);
    this.why = why;
  }
}

/** The bytes of a body, and how many of them have come. */
export type Source = {
  /** All of the body; what has not come yet is anything. */
  readonly bytes: Buffer;
  /** How many bytes have come, at least those that are needed. Blocks the thread. @throws Unread */
  readonly upTo: (needed: number) => number;
};

/** Longest time in ms that a reader waits for a body, in all: a thread that waits computes nothing. */
const patience = 50;

/** For a thread that may block. */
export function sourceOf({ memory, length, state }: SharedBody): Source {
  const counters = new Int32Array(state);
  let waited = 0;

  function upTo(needed: number): number {
    for (;;) {
      if (Atomics.load(counters, abandoned) !== 0) throw new Unread('abandoned');
      Atomics.store(counters, wanted, needed);
      const count = Atomics.load(counters, received);
      if (count >= needed) return count;
      if (waited >= patience) throw new Unread('starved');
      const start = performance.now();
      Atomics.wait(counters, received, count, patience - waited);
      waited += performance.now() - start;
    }
  }
  return { bytes: Buffer.from(memory, 0, length), upTo };
}
