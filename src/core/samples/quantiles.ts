/**
 * Returns quantiles of numbers in ascending order, interpolated linearly between the two around q·(n − 1): NumPy's default.
 * @param sorted at least one number, none of them NaN
 */
export function quantilesOf(sorted: Float64Array, shares: readonly number[]): number[] {
  return shares.map((share) => {
    const at = share * (sorted.length - 1);
    const before = Math.floor(at);
    const [a, b] = [sorted[before], sorted[Math.min(before + 1, sorted.length - 1)]];
    const part = at - before;
    // from the nearer of both, as NumPy does, so that its digits are met
    return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part);
  });
}
