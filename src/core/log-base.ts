/** The logarithm's base: "e" for nats, 2 for bits. */
export type Base = 'e' | number;

/** How many nats one unit of a base is. */
export function unitOf(base: Base): number {
  return base === 'e' ? 1 : Math.log(base);
}
