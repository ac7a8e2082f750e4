import { countAndIndices, type Finding, indexInWords, quantity, type WarningContext } from './warning.ts';

/** Estimates from samples that are larger than any float64, although both log-probabilities are finite. */
export function estimatorOverflow({ estimates, shape }: Pick<WarningContext, 'estimates' | 'shape'>): Finding[] {
  if (estimates === undefined) return [];
  const { members, impossible } = estimates;
  return members.flatMap(({ divergence: { key }, overflow, sum }) => {
    if (overflow.count === 0 && (impossible.count > 0 || Number.isFinite(sum))) return [];
    const what =
      overflow.count === 0
        ? `The sum of ${key} is`
        : `${key} of ${quantity(overflow.count, 'sample')}, the first ${indexInWords(overflow.first[0], shape)}, is`;
    const message =
      `${what} larger than the largest float64 (1.8e308), and so is every reduction that includes it, as nothing is clamped here. ` +
      'Log-probabilities this far apart are usually padding or a mask: give it the weight 0, or ask for k1, which does not overflow.';
    return [{ pointer: '#/divergences', message, details: { divergence: key, ...countAndIndices(overflow, shape) } }];
  });
}
