import { createInterface } from 'node:readline';
import { operands, rowLength } from '../tensors.ts';

export const shape = [10_000, rowLength];

/** The logits of both tensors as float64, row-major. */
export function logits(): { input: Float64Array; target: Float64Array } {
  const { input, target } = operands(shape[0] * shape[1]);
  return { input: Float64Array.from(input), target: Float64Array.from(target) };
}

/** Whole numbers above 0 in the place of the logits. */
export function counts(): { input: Float64Array; target: Float64Array } {
  const { input, target } = logits();
  const counted = (logits: Float64Array) => logits.map((x) => 1 + Math.floor(10 * Math.exp(x)));
  return { input: counted(input), target: counted(target) };
}

/** For every line on standard input, computes once and writes the milliseconds and the value. */
export function computePerLine(compute: () => number): void {
  createInterface({ input: process.stdin }).on('line', () => {
    const begin = performance.now();
    const value = compute();
    process.stdout.write(`${performance.now() - begin} ${value}\n`);
  });
}
