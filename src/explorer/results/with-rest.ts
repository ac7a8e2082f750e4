/**
 * The numbers at some places, and behind them the number of one outcome that has the mass of all others: what logits and logarithms add up
 * to, or the sum of what adds up by itself.
 */
export function withRest(
  numbers: readonly number[],
  own: readonly number[],
  kind: unknown,
  { temperature = 1, pseudocount = 0 }: Readonly<Record<string, unknown>>,
): number[] {
  const isOwn = new Set(own);
  const rest = numbers.filter((_, place) => !isOwn.has(place));
  const isLogarithm = kind === undefined || kind === 'logits' || kind === 'log_probs';
  // of the outcomes that become one, each has a pseudocount
  const others = (rest.length - 1) * Number(pseudocount);
  return [...own.map((place) => numbers[place]), isLogarithm ? logSumExp(rest, Number(temperature)) : sumOf(rest) + others];
}

function logSumExp(numbers: readonly number[], temperature: number): number {
  const highest = numbers.reduce((most, number) => Math.max(most, number), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(highest)) return highest;
  return highest + temperature * Math.log(sumOf(numbers.map((number) => Math.exp((number - highest) / temperature))));
}

/** The sum of numbers. */
export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
