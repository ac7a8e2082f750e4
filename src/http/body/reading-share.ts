import type { Readable } from 'node:stream';

/**
 * How many bytes the event loop reads of all bodies in one iteration, about a millisecond's worth. Node alone would read up to 2 MiB of
 * each connection, so that a small request beside many large bodies would wait for tens of ms.
 */
const bytesPerIteration = 2 ** 21;

/** A body pauses no more often than after so many bytes. */
const leastShare = 2 ** 17;

let bodies = 0;

/** The share of a body in what is read in an iteration of the event loop. */
export type ReadingShare = {
  /** So many bytes have been read. A body that has had its share pauses until the next iteration. */
  readonly read: (bytes: number) => void;
  /** The body is not read any more. */
  readonly leave: () => void;
};

/** Returns the share of a body that begins to arrive. */
export function joinReading(payload: Pick<Readable, 'pause' | 'resume'>): ReadingShare {
  let bytes = 0;
  let isIn = true;
  let pause: NodeJS.Immediate | undefined;
  bodies++;

  function goOn(): void {
    pause = undefined;
    payload.resume();
  }
  function read(more: number): void {
    bytes += more;
    if (pause !== undefined || bytes < Math.max(leastShare, bytesPerIteration / bodies)) return;
    bytes = 0;
    payload.pause();
    pause = setImmediate(goOn);
  }
  function leave(): void {
    if (!isIn) return;
    isIn = false;
    bodies--;
    clearImmediate(pause);
  }
  return { read, leave };
}
