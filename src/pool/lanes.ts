/**
 * Where a body waits and is computed, by its size: `inline`, at once on the event loop; `small`, in a thread that is kept for such bodies,
 * or any that is idle; `large`, in the other threads. A stream computes its lines in these, and takes a place of its own while it is open.
 */
export const laneNames = ['inline', 'small', 'large', 'stream'] as const;

export type LaneName = (typeof laneNames)[number];

/** A thread has done with a smaller body within milliseconds. Larger ones are read while they arrive. */
export const largeMinBytes = 2 ** 20;

/** The lane of a body that a thread computes. */
export function laneOf(length: number): 'small' | 'large' {
  return length < largeMinBytes ? 'small' : 'large';
}
