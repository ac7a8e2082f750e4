import type { Comparison, SideName } from '../core/comparison.ts';
import type { Estimate, Estimates } from '../core/divergences/estimate.ts';
import { reductionWarnings } from './reduction-warnings.ts';
import { requestWarnings } from './request-warnings.ts';
import { countAndIndices, type Finding, indexInWords, quantity, type WarningContext } from './warning.ts';
import { type FoundWarning, inOrder, type WarningCode, warnings } from './warnings.ts';

/** What is known of a request for estimates. */
type EstimateContext = Omit<WarningContext, 'estimates' | 'facts' | 'perDistribution' | 'sum' | 'noun' | 'evaluate'>;

/** What the reader of estimates from samples should know: of the reductions, of infinite ones, of what they are from, of ignored fields. */
export function estimateWarnings(about: EstimateContext, { sampledFrom = 'target' }: Comparison, estimates: Estimates): FoundWarning[] {
  const { shape } = about;
  const ofReductions = { ...about, noun: 'divergence', parts: 'samples' } as const;
  const found: Partial<Record<WarningCode, readonly Finding[]>> = {
    MEAN_DIVIDES_BY_SUPPORT: reductionWarnings.MEAN_DIVIDES_BY_SUPPORT.find(ofReductions),
    BATCHMEAN_NOT_PER_DISTRIBUTION: reductionWarnings.BATCHMEAN_NOT_PER_DISTRIBUTION.find(ofReductions),
    INFINITE_DIVERGENCE: infinite(estimates, sampledFrom, shape),
    ESTIMATOR_OVERFLOW: warnings.ESTIMATOR_OVERFLOW.find({ estimates, shape }),
    SAMPLED_FROM_OTHER_SIDE: warnings.SAMPLED_FROM_OTHER_SIDE.find({ estimates, sampledFrom }),
    IGNORED_PARAMETER: requestWarnings.IGNORED_PARAMETER.find(about),
  };
  return inOrder(found);
}

function infinite({ impossible, members }: Estimates, sampledFrom: SideName, shape: readonly number[]): Finding[] {
  if (impossible.count === 0) return [];
  const other = sampledFrom === 'input' ? 'target' : 'input';
  const where = `${quantity(impossible.count, 'sample')}, the first ${indexInWords(impossible.first[0], shape)}`;
  const message =
    `${other} gives a probability of 0 to ${where}, so ${namesOf(members)} and every reduction that includes it are infinite: ` +
    `${sampledFrom} draws what ${other} never does. That is the right value, not an error.`;
  return [{ pointer: `#/${other}`, message, details: countAndIndices(impossible, shape) }];
}

function namesOf(members: readonly Estimate[]): string {
  return members.map(({ divergence }) => divergence.key).join(', ');
}
