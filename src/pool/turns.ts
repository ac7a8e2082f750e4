import { type Codel, createCodel } from './codel.ts';

/** Turns of the event loop: requests that it reads, and one piece of work of a stream, in turn. */
type Turns = {
  /** Has a piece of work done in an iteration of the event loop that has no other. The pieces are done in the order in which they came. */
  readonly take: (work: () => void) => void;
  /** Whether requests have waited too long for the event loop, whatever has kept it busy. */
  readonly isOverloaded: () => boolean;
  readonly close: () => void;
};

/** Milliseconds between two looks at the event loop while nothing takes turns: less than it may be late. */
const lookMs = 10;

/** @param afterRead has a function called when the event loop has read what there was to read in this iteration */
export function createTurns(codel: Codel = createCodel(), afterRead: (end: () => void) => void = setImmediate): Turns {
  const queue: (() => void)[] = [];
  let isArmed = false;

  function arm(): void {
    if (isArmed) return;
    isArmed = true;
    afterRead(turn);
  }

  function turn(): void {
    isArmed = false;
    codel.endRead();
    const work = queue.shift();
    if (queue.length > 0) arm();
    work?.();
  }

  const looking = setInterval(arm, lookMs).unref();
  return {
    take: (work) => {
      queue.push(work);
      arm();
    },
    isOverloaded: () => {
      arm();
      return codel.isLate();
    },
    close: () => clearInterval(looking),
  };
}
