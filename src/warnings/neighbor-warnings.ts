import { addIndex, emptySample } from '../core/diagnostics.ts';
import type { FamilyMember } from '../core/divergences/facts.ts';
import { type ReductionContext, reductionWarnings } from './reduction-warnings.ts';
import { requestWarnings } from './request-warnings.ts';
import { countAndIndices, type Finding, quantity, type WarningContext } from './warning.ts';
import { type FoundWarning, inOrder, type WarningCode } from './warnings.ts';

/** What is known of a request for estimates from neighbours that has been computed. */
export type NeighborContext = Omit<ReductionContext, 'noun' | 'parts'> &
  Pick<WarningContext, 'ignored'> & { readonly members: readonly FamilyMember[] };

/** What the reader of estimates from neighbours should know: of the reductions, of negative values, and of ignored fields. */
export function neighborWarnings(context: NeighborContext): FoundWarning[] {
  const ofReductions = { ...context, noun: 'divergence', parts: 'coordinates' } as const;
  const found: Partial<Record<WarningCode, readonly Finding[]>> = {
    MEAN_DIVIDES_BY_SUPPORT: reductionWarnings.MEAN_DIVIDES_BY_SUPPORT.find(ofReductions),
    BATCHMEAN_NOT_PER_DISTRIBUTION: reductionWarnings.BATCHMEAN_NOT_PER_DISTRIBUTION.find(ofReductions),
    NEGATIVE_DIVERGENCE: context.members.flatMap((member) => negative(member, context)),
    IGNORED_PARAMETER: requestWarnings.IGNORED_PARAMETER.find(context),
  };
  return inOrder(found);
}

function negative({ divergence: { key }, perDistribution }: FamilyMember, { axes, members }: NeighborContext): Finding[] {
  const sample = emptySample();
  let lowest = 0;
  for (const [d, value] of perDistribution.entries()) {
    if (!(value < 0)) continue;
    addIndex(sample, d);
    lowest = Math.min(lowest, value);
  }
  if (sample.count === 0) return [];
  const which = quantity(sample.count, 'distribution', perDistribution.length);
  const message =
    `the estimate of ${key} is below 0 in ${which}, the lowest ${lowest.toPrecision(6)}, which no divergence is: distances to neighbours vary by chance, ` +
    'and the sides differ by less than that. Read it as about 0, or send more observations or a larger k.';
  return [
    {
      pointer: '#/estimator',
      message,
      details: { ...(members.length > 1 ? { divergence: key } : {}), lowest, ...countAndIndices(sample, axes.shape) },
    },
  ];
}
