/** A body that holds memory keeps it from others while nothing comes for `silenceMs`, or less than `bytes` in `windowMs`. */
export const slowestPace = { silenceMs: 2_000, bytes: 2 ** 16, windowMs: 10_000 };

/** How fast a body comes, or a line of a stream. */
type Pace = {
  /** So many bytes have come by now. A smaller number than the last begins another line. */
  readonly reached: (bytes: number) => void;
  /** Since when it has been too slow at a time, both in ms of `performance.now()`; undefined if it is not. */
  readonly slowSince: (now: number) => number | undefined;
};

export function createPace(clock: () => number = () => performance.now()): Pace {
  let bytes = 0;
  let moved = clock();
  // where the window began
  let mark = { bytes, time: moved };

  function reached(next: number): void {
    moved = clock();
    if (next < bytes || next - mark.bytes >= slowestPace.bytes) mark = { bytes: next, time: moved };
    bytes = next;
  }

  function slowSince(now: number): number | undefined {
    if (now - moved >= slowestPace.silenceMs) return moved;
    return now - mark.time >= slowestPace.windowMs ? mark.time : undefined;
  }
  return { reached, slowSince };
}
