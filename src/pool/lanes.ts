/** The lanes in which requests hold places: those that threads compute, by size, and open streams, which compute their lines in these lanes. */
export const placedLanes = ['small', 'large', 'stream'] as const;

export type PlacedLane = (typeof placedLanes)[number];

/**
 * Where the service computes a body, by its size. `inline`: at once, on the event loop. `small`: in a thread reserved for such bodies, or in
 * any idle one. `large`: in the other threads. A stream computes its lines in these lanes, and holds a place of `stream` while it is open.
 */
export const laneNames = ['inline', ...placedLanes] as const;

export type LaneName = (typeof laneNames)[number];

/** A thread finishes a smaller body within milliseconds. Threads read larger bodies while they arrive. */
export const largeMinBytes = 2 ** 20;

/** Returns the lane of a body that a thread computes. */
export function laneOf(length: number): 'small' | 'large' {
  return length < largeMinBytes ? 'small' : 'large';
}
