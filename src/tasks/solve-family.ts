import { computeFamily, type FamilyMember } from '../core/divergences/compute.ts';
import { isPlainSum, type NamedDivergence, parseDivergence } from '../core/divergences/named-divergence.ts';
import type { ReductionName } from '../core/reductions.ts';
import { refuse } from '../errors/request-error.ts';
import type { DivergenceRequest } from '../formats/divergence-request.ts';
import type { Axes } from '../tensor/axes.ts';
import { familyWarnings } from '../warnings/family-warnings.ts';
import type { FoundWarning } from '../warnings/warnings.ts';

/** Several divergences of one request, each with its totals. */
export type SolvedFamily = { readonly members: readonly FamilyMember[]; readonly warnings: readonly FoundWarning[] };

/**
 * Computes the divergences that a request names, in one pass, and finds their warnings.
 * @throws RequestError INVALID_VALUE where `none` is asked for by name of a divergence that is no sum of terms
 */
export function solveFamily(
  request: DivergenceRequest,
  keys: readonly string[],
  axes: Axes,
  reductions: readonly ReductionName[],
  check?: () => void,
): SolvedFamily {
  const { input, target, base, ignored = [] } = request;
  const asked = divergencesOf(keys);
  refuseNone(request.reduction, asked);
  const family = computeFamily(input, target, axes, base, asked, reductions.includes('none'), check);
  const evaluate: Parameters<typeof familyWarnings>[0]['evaluate'] = (ofInput, ofTarget, ofAxes) =>
    computeFamily(ofInput, ofTarget, ofAxes, base, asked, false).members.map((totals) => ({ prefix: `${totals.divergence.key}.`, totals }));
  const warnings = familyWarnings(
    { operands: { input, target }, base, reductions, shape: input.tensor.shape, axes, ignored, noun: 'divergence', evaluate },
    family,
  );
  return { members: family.members, warnings };
}

/** Each name once. The schema has checked them. */
function divergencesOf(keys: readonly string[]): NamedDivergence[] {
  return [...new Set(keys)].map(parseDivergence).filter((divergence) => typeof divergence !== 'string');
}

function refuseNone(reduction: DivergenceRequest['reduction'], asked: readonly NamedDivergence[]): void {
  if (reduction === undefined || reduction === 'all') return;
  const without = asked.filter((divergence) => !isPlainSum(divergence)).map(({ key }) => key);
  if (![reduction].flat().includes('none') || without.length === 0) return;
  const which = `${without.join(', ')} ${without.length === 1 ? 'is' : 'are'} no plain sum of terms`;
  throw refuse(
    'INVALID_VALUE',
    '#/reduction',
    `none does not exist here: ${which}. Ask for per_distribution, or for "all", which leaves none out there`,
  );
}
