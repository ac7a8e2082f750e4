/** A sum as a reader adds it up: from the first number to the last, each step rounded. */
export function plainSum(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
