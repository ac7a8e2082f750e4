/** Returns numbers from 0 to 1 that look random and are the same each time: mulberry32, by Tommy Ettinger. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function uniforms(seed: number, count: number, lowest: number, highest: number): number[] {
  const next = generator(seed);
  return Array.from({ length: count }, () => lowest + (highest - lowest) * next());
}

/** Returns numbers of the standard normal distribution, by the Box-Muller transform. */
export function gaussians(seed: number, count: number): number[] {
  const next = generator(seed);
  return Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()));
}

export function rowsOf(numbers: readonly number[], length: number): number[][] {
  return Array.from({ length: numbers.length / length }, (_, row) => numbers.slice(row * length, (row + 1) * length));
}

/** Returns rows of probabilities for both sides, to four digits. */
export function softmaxes(
  seed: number,
  rows: number,
  length: number,
  spread: number,
): { readonly input: number[][]; readonly target: number[][] } {
  const side = (from: number) =>
    rowsOf(gaussians(from, rows * length), length).map((logits) => {
      const masses = logits.map((logit) => Math.exp(spread * logit));
      const sum = masses.reduce((total, mass) => total + mass, 0);
      return masses.map((mass) => Math.round((1e4 * mass) / sum) / 1e4);
    });
  return { input: side(seed), target: side(seed + 1) };
}
