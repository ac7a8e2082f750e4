import { hasTerms } from '../core/closed-forms/closed-forms.ts';
import type { ParametricKindName } from '../core/closed-forms/parametric-kinds.ts';
import { addIndex, emptySample } from '../core/diagnostics.ts';
import type { FamilyMember } from '../core/divergences/facts.ts';
import { type ReductionContext, reductionWarnings, singleAlongDim } from './reduction-warnings.ts';
import { requestWarnings } from './request-warnings.ts';
import { countAndIndices, type Finding, overflowInWords, quantity, type WarningContext } from './warning.ts';
import { type FoundWarning, inOrder, type WarningCode } from './warnings.ts';

/** What is known of a request for closed forms that has been computed. */
export type ClosedFormContext = Omit<ReductionContext, 'noun' | 'parts'> &
  Pick<WarningContext, 'ignored'> & { readonly kind: ParametricKindName; readonly members: readonly FamilyMember[] };

/** What the reader of divergences in closed form should know: of reductions, single outcomes, infinite values, and ignored fields. */
export function closedFormWarnings(context: ClosedFormContext): FoundWarning[] {
  const parts = partsOf(context.kind);
  const ofReductions = { ...context, noun: context.members.length > 1 ? ('divergence' as const) : ('KL divergence' as const), parts };
  const found: Partial<Record<WarningCode, readonly Finding[]>> = {
    MEAN_DIVIDES_BY_SUPPORT: reductionWarnings.MEAN_DIVIDES_BY_SUPPORT.find(ofReductions),
    BATCHMEAN_NOT_PER_DISTRIBUTION: reductionWarnings.BATCHMEAN_NOT_PER_DISTRIBUTION.find(ofReductions),
    SINGLE_OUTCOME: singleOutcome(context),
    INFINITE_DIVERGENCE: context.members.flatMap((member) => infinite(member, context)),
    IGNORED_PARAMETER: requestWarnings.IGNORED_PARAMETER.find(context),
  };
  return inOrder(found);
}

function partsOf(kind: ParametricKindName): NonNullable<ReductionContext['parts']> {
  if (hasTerms(kind)) return 'elements';
  return kind === 'dirichlet' ? 'outcomes' : 'coordinates';
}

/** Of Dirichlet distributions alone: the others have as many outcomes, whatever their shape. */
function singleOutcome({ kind, axes, shape }: ClosedFormContext): Finding[] {
  if (partsOf(kind) !== 'outcomes' || axes.outcomeOffsets.length > 1) return [];
  return [
    singleAlongDim({ axes, shape }, 'every divergence is 0 whatever the concentrations. Choose the axis that the outcomes lie along'),
  ];
}

function infinite({ divergence: { key }, perDistribution, sum }: FamilyMember, { axes, kind, members }: ClosedFormContext): Finding[] {
  if (sum !== Number.POSITIVE_INFINITY) return [];
  const sample = emptySample();
  for (const [d, value] of perDistribution.entries()) if (value === Number.POSITIVE_INFINITY) addIndex(sample, d);
  const which = quantity(sample.count, 'distribution', perDistribution.length);
  const cause = bounded.includes(kind)
    ? 'one side gives no probability to what the other one expects'
    : 'the parameters of the sides lie so far apart that it is above the largest float64, 1.8e308';
  return [
    {
      pointer: '#/input',
      message:
        sample.count === 0
          ? `${overflowInWords(key, perDistribution)}, and so is every reduction that includes it. Ask for per_distribution.`
          : `${key} is infinite in ${which}, and so is every reduction that includes it: ${cause}. That is the right value, not an error.`,
      details: { ...(members.length > 1 ? { divergence: key } : {}), ...countAndIndices(sample, axes.shape) },
    },
  ];
}

/** Kinds whose parameters may say that a value never occurs. */
const bounded: readonly ParametricKindName[] = ['bernoulli', 'poisson', 'geometric'];
