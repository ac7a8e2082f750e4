/** A body in memory that two threads see: one appends what arrives, the other reads what is there. */
export type SharedBody = {
  /** The body, then room for its numbers. Neither is empty if an earlier request had this memory. */
  readonly memory: SharedArrayBuffer;
  readonly length: number;
  /** How many float64 there is room for. */
  readonly numbers: number;
  readonly state: SharedArrayBuffer;
};

/** Entries of `state`: the bytes that have come, those that a reader waits for, and whether nobody wants the body any more. */
const received = 0;
const wanted = 1;
const cancelled = 2;

/** How many bytes of memory a body takes with room for some numbers. */
export function memoryOf(length: number, numbers: number): number {
  return afterBody(length) + numbers * Float64Array.BYTES_PER_ELEMENT;
}

function afterBody(length: number): number {
  return Math.ceil(length / Float64Array.BYTES_PER_ELEMENT) * Float64Array.BYTES_PER_ELEMENT;
}

export function sharedBody(length: number, numbers: number, memory = new SharedArrayBuffer(memoryOf(length, numbers))): SharedBody {
  return { memory, length, numbers, state: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT) };
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
export function cancelBody({ state }: SharedBody): void {
  const counters = new Int32Array(state);
  Atomics.store(counters, cancelled, 1);
  Atomics.notify(counters, received);
}

/** Why reading a body ended before its end: it comes too slowly to wait for, or nobody wants it any more. */
export class BodyUnavailable extends Error {
  readonly reason: 'starved' | 'cancelled';

  constructor(why: 'starved' | 'cancelled') {
    super(`the body was ${why}`);
    this.reason = why;
  }
}

/** The bytes of a body, and how many of them have come. */
export type BodyReader = {
  /** All of the body; what has not come yet is anything. */
  readonly bytes: Buffer;
  /** Room for numbers that are read from the bytes. */
  readonly numbers: Float64Array;
  /** How many bytes have come, at least those that are needed. Blocks the thread. @throws Unread */
  readonly waitFor: (needed: number) => number;
};

/** A reader waits for a body for this many ms in all, or for as long as it works: a thread that waits for a slow client computes nothing. */
const bodyWaitMs = 50;

/** For a thread that may block. `check` throws where nobody wants the body any more. @throws Unread */
export function readerOf({ memory, length, numbers, state }: SharedBody): BodyReader & { readonly check: () => void } {
  const counters = new Int32Array(state);
  const started = performance.now();
  let waited = 0;

  function check(): void {
    if (Atomics.load(counters, cancelled) !== 0) throw new BodyUnavailable('cancelled');
  }

  function waitFor(needed: number): number {
    for (;;) {
      check();
      Atomics.store(counters, wanted, needed);
      const count = Atomics.load(counters, received);
      if (count >= needed) return count;
      const start = performance.now();
      const left = Math.max(bodyWaitMs, (start - started) / 2) - waited;
      if (left <= 0) throw new BodyUnavailable('starved');
      Atomics.wait(counters, received, count, left);
      waited += performance.now() - start;
    }
  }
  return { bytes: Buffer.from(memory, 0, length), numbers: new Float64Array(memory, afterBody(length), numbers), waitFor: waitFor, check };
}
