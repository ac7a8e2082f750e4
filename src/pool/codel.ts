/** A queue that lasts longer than this is no burst, but overload. */
const intervalMs = 100;

/** Longest accepted wait for the event loop during overload. */
const targetMs = 20;

/** Longest accepted wait for the event loop during a burst. */
const burstMs = 100;

/**
 * Returns a function that tells whether a small request has waited too long for the event loop. Small requests have no other queue: one
 * iteration of the loop answers all that it can read, and the last waits for all before it. One long iteration is a burst; a series of
 * them means overload. Times are in ms. After K. Nichols and V. Jacobson, Controlling queue delay, doi:10.1145/2209249.2209264.
 */
export function createCodel(clock: () => number = () => performance.now(), atEnd: (end: () => void) => void = setImmediate): () => boolean {
  let began: number | undefined;
  let ended = Number.NEGATIVE_INFINITY;
  let calm = 0;

  function end(): void {
    ended = clock();
    if (began !== undefined && ended - began < targetMs) calm = ended;
    began = undefined;
  }

  return () => {
    const now = clock();
    if (began === undefined) {
      began = now;
      // consecutive iterations have no pause between them
      if (now - ended > targetMs) calm = now;
      atEnd(end);
    }
    return now - began > (now - calm > intervalMs ? targetMs : burstMs);
  };
}
