/**
 * The phases of a request as the value of a `Server-Timing` header, in ms. Of a large body receiving and parsing overlap.
 * https://www.w3.org/TR/server-timing/
 */
export function serverTiming(phases: Readonly<Record<string, number>>): string {
  return Object.entries(phases)
    .map(([name, duration]) => `${name};dur=${Math.round(duration * 1000) / 1000}`)
    .join(', ');
}
