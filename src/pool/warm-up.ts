/**
 * A request with enough numbers for V8 to optimise what reads and computes them: a hundred in each row, and as many rows in each tensor.
 */
export function warmUpRequest(rows: number): Buffer {
  const input = Array.from({ length: rows }, (_, row) => Array.from({ length: 100 }, (_, column) => Math.sin(row * 100 + column)));
  return Buffer.from(JSON.stringify({ input, target: input.toReversed() }));
}
