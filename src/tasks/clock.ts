/** Milliseconds on a clock that all threads read alike: `performance` begins anew in each, and by the clock on the wall, which may be set. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
