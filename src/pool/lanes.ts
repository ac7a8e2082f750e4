/**
 * The lanes in which requests hold places: those that threads compute, by size, and open streams, which compute their lines in these lanes.
 */
export const placedLanes = ['small', 'large', 'stream'] as const;

export type PlacedLane = (typeof placedLanes)[number];

/**
 * Where the service computes a body, by its size. `inline`: at once, on the event loop. `small`: in any idle thread, of which there is one
 * more than large bodies may take. `large`: in the others. A stream computes its lines in these lanes, and holds a place of `stream` while
 * it is open.
 */
export const laneNames = ['inline', ...placedLanes] as const;

export type LaneName = (typeof laneNames)[number];

/** The lanes of bodies, by size. What is large comes first: it never takes all threads. */
export const bodyLanes = ['large', 'small'] as const;

export type BodyLane = (typeof bodyLanes)[number];

/** A thread finishes a smaller body within milliseconds. Threads read larger bodies while they arrive. */
export const largeMinBytes = 2 ** 20;

/** Returns the lane of a body that a thread computes. */
export function laneOf(length: number): BodyLane {
  return length < largeMinBytes ? 'small' : 'large';
}
