/** A queue that stands for this many ms is no burst any more. */
const intervalMs = 100;

/** Milliseconds that requests may wait for their turn of the event loop while a queue stands. */
const targetMs = 20;

/** And in a burst. */
const burstMs = 100;

/**
 * Small requests wait in no queue but that of the event loop: those that can be read in one turn of it are answered one after another, and
 * the last has waited for all before it. Whether such a wait is too long: that of one turn is a burst, but where turn after turn is long,
 * more comes than can be answered. After K. Nichols and V. Jacobson, Controlling queue delay, doi:10.1145/2209249.2209264.
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
      // between turns that follow each other there is no pause
      if (now - ended > targetMs) calm = now;
      atEnd(end);
    }
    return now - began > (now - calm > intervalMs ? targetMs : burstMs);
  };
}
