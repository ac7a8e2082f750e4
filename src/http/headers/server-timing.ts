import type { Timings } from '../../tasks/task.ts';

/**
 * Returns the phases of a request as the value of a `Server-Timing` header, in ms. Receiving overlaps with parsing of large JSON, and with
 * computing of large safetensors.
 * https://www.w3.org/TR/server-timing/
 */
export function serverTiming(receive: number, { queue, parse, compute, encode }: Timings): string {
  return `receive;dur=${rounded(receive)}${phase('queue', queue)}${phase('parse', parse)}${phase('compute', compute)}${phase('encode', encode)}`;
}

function phase(name: string, duration: number | undefined): string {
  return duration === undefined ? '' : `, ${name};dur=${rounded(duration)}`;
}

function rounded(duration: number): number {
  return Math.round(duration * 1000) / 1000;
}
