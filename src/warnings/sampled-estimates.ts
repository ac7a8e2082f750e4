import { otherSide } from '../core/comparison.ts';
import { countAndIndices, type Finding, indexInWords, inWords, quantity, type WarningContext } from './warning.ts';

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

/** A likelihood ratio that samples of the model which they are said to be from exceed once in e^20 times, whether independent or not. */
const improbable = 20;

/** Rounding of both sides adds up to less than so many times its scatter. */
const byRounding = 4;

/** Samples that the other model makes so much more likely that they cannot be from the one that is named. */
export function sampledFromOther({ estimates, sampledFrom = 'target' }: Pick<WarningContext, 'estimates' | 'sampledFrom'>): Finding[] {
  if (estimates === undefined) return [];
  const { logRatio, scatter } = estimates.likelihood;
  if (!(logRatio > Math.max(improbable, byRounding * scatter))) return [];
  const other = otherSide(sampledFrom);
  const message =
    `All samples together are e^${inWords(logRatio)} times as likely under ${other} as under ${sampledFrom}, which they are said to be from: samples of ${sampledFrom} are so ` +
    `once in as many cases, and estimates from others are of no divergence. Say "sampled_from": "${other}" if they are from it, ` +
    'else send the log-probabilities that the model had when it drew them, at the temperature of then.';
  return [{ pointer: '#/sampled_from', message, details: { sampled_from: sampledFrom, log_likelihood_ratio: logRatio } }];
}
