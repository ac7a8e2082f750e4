/** A body in memory shared by two threads: the event loop appends chunks, and a worker reads them. */
export type SharedBody = {
  /** The body, then space for its numbers. Both may hold old bytes of an earlier request. */
  readonly memory: SharedArrayBuffer;
  readonly length: number;
  /** Capacity for numbers, in float64 elements. */
  readonly numbers: number;
  readonly state: SharedArrayBuffer;
};

/** Entries of `state`: the received bytes, the bytes that a reader waits for, 1 after a cancellation, and the verdict on a claim. */
const received = 0;
const wanted = 1;
const cancelled = 2;
const verdict = 3;

/** What becomes of a claim for more memory: there is room, there is none now, or there never is. */
const verdicts = ['pending', 'granted', 'exhausted', 'impossible'] as const;

export type Verdict = (typeof verdicts)[number];

/** Returns the bytes of memory for a body of `length` bytes and `numbers` float64 elements. */
export function memoryOf(length: number, numbers: number): number {
  return afterBody(length) + numbers * Float64Array.BYTES_PER_ELEMENT;
}

/**
 * Returns the bytes that a computation may take beside a body and its numbers without a claim of its own: what is claimed with the body,
 * and is enough for most.
 */
export function besideBody(length: number): number {
  return length + 2 ** 18;
}

function afterBody(length: number): number {
  return Math.ceil(length / Float64Array.BYTES_PER_ELEMENT) * Float64Array.BYTES_PER_ELEMENT;
}

export function sharedBody(
  length: number,
  numbers: number,
  allocate = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes),
): SharedBody {
  // before the memory, which its owner would not get back if this failed
  const state = new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT);
  return { memory: allocate(memoryOf(length, numbers)), length, numbers, state };
}

/** Returns a function that appends a chunk. The chunks must not exceed the length of the body in all. */
export function writerOf({ memory, length, state }: SharedBody): (chunk: Buffer) => void {
  const counters = new Int32Array(state);
  const bytes = new Uint8Array(memory, 0, length);
  let at = 0;
  return (chunk) => {
    // not set: in shared memory it goes byte by byte where the two are not aligned alike
    chunk.copy(bytes, at);
    at += chunk.length;
    Atomics.store(counters, received, at);
    // waking a thread takes longer than copying a chunk
    if (at >= Atomics.load(counters, wanted)) Atomics.notify(counters, received);
  };
}

/** Cancels a body: its reader stops. */
export function cancelBody({ state }: SharedBody): void {
  const counters = new Int32Array(state);
  Atomics.store(counters, cancelled, 1);
  Atomics.notify(counters, received);
  Atomics.notify(counters, verdict);
}

/** Tells the worker that waits for it what becomes of its claim. */
export function decideClaim({ state }: SharedBody, decided: Verdict): void {
  const counters = new Int32Array(state);
  Atomics.store(counters, verdict, verdicts.indexOf(decided));
  Atomics.notify(counters, verdict);
}

/** Reading stopped before the end of the body: it arrived too slowly, or the request was cancelled. */
export class BodyUnavailable extends Error {
  readonly reason: 'starved' | 'cancelled';

  constructor(reason: 'starved' | 'cancelled') {
    super(`the body was ${reason}`);
    this.reason = reason;
  }
}

/** Reads a body that may still be arriving. */
export type BodyReader = {
  /** All bytes of the body. Those that have not arrived are undefined. */
  readonly bytes: Buffer;
  /** Space for the numbers that a reader decodes from the bytes. */
  readonly numbers: Float64Array;
  /** Blocks the thread until `needed` bytes have arrived, and returns the number of received bytes. @throws BodyUnavailable */
  readonly waitFor: (needed: number) => number;
};

/** What a worker has of a body: its bytes, and the word of the event loop. */
type WorkerBodyReader = BodyReader & {
  /** @throws BodyUnavailable after a cancellation */
  readonly check: () => void;
  /** Claims memory by `ask`, and blocks the thread until `decideClaim`. @throws BodyUnavailable after a cancellation */
  readonly claim: (ask: () => void) => Verdict;
};

/** A reader may wait this long in all, or as long as it has worked: a thread that waits for a slow client computes nothing. */
const bodyWaitMs = 50;

/** A worker looks at the flag of a cancellation this often while it waits for a verdict. */
const verdictWaitMs = 50;

/** Returns a reader for a thread that may block. @throws BodyUnavailable */
export function readerOf({ memory, length, numbers, state }: SharedBody): WorkerBodyReader {
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
  function claim(ask: () => void): Verdict {
    Atomics.store(counters, verdict, 0);
    ask();
    while (Atomics.load(counters, verdict) === 0) {
      check();
      Atomics.wait(counters, verdict, 0, verdictWaitMs);
    }
    return verdicts[Atomics.load(counters, verdict)];
  }
  return { bytes: Buffer.from(memory, 0, length), numbers: new Float64Array(memory, afterBody(length), numbers), waitFor, check, claim };
}
