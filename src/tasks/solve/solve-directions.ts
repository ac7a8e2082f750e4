import { type ClosedDivergence, closedForms, hasTerms, isClosed, type ParametricComparison } from '../../core/closed-forms/closed-forms.ts';
import type { FamilyMember } from '../../core/divergences/facts.ts';
import { noMemberFacts } from '../../core/divergences/facts.ts';
import { parseDivergence } from '../../core/divergences/named-divergence.ts';
import { neighborEstimates, type PointsComparison } from '../../core/neighbors/neighbor-estimates.ts';
import type { ReductionName, Totals } from '../../core/reductions.ts';
import { refuse } from '../../errors/request-error.ts';
import { type DivergenceRequest, isDenseRequest, type ParametricRequest, type PointsRequest } from '../../formats/divergence-request.ts';
import { type ClosedFormContext, closedFormWarnings } from '../../warnings/closed-form-warnings.ts';
import { type NeighborContext, neighborWarnings } from '../../warnings/neighbor-warnings.ts';
import type { Computed } from './solve-family.ts';
import type { SolveTools } from './solve-tools.ts';

/**
 * Computes KL, or the divergences that a request names, from the parameters of distributions.
 * @throws RequestError NOT_POSITIVE_DEFINITE
 */
export function solveClosedForm(
  comparison: ParametricComparison,
  about: Omit<ClosedFormContext, 'members' | 'kind'>,
  request: ParametricRequest,
  { check }: SolveTools,
): Computed {
  const { kind } = comparison;
  const options = { base: request.base, wantsTerms: about.reductions.includes('none'), check };
  const asked = askedOf(request);
  const members = closedForms(comparison, asked, options).map((totals, k) => memberOf(asked[k], totals));
  return { ...membersOf(members, request), warnings: closedFormWarnings({ ...about, kind, members }) };
}

/**
 * Estimates KL, or the divergences that a request names, from the distances of neighbours.
 * @throws RequestError REPEATED_OBSERVATIONS
 */
export function solveNeighbors(
  comparison: PointsComparison,
  about: Omit<NeighborContext, 'members'>,
  request: PointsRequest,
  { check }: SolveTools,
): Computed {
  const asked = askedOf(request);
  const estimates = neighborEstimates(comparison, asked, { base: request.base, check });
  const members = estimates.map((totals, k) => memberOf(asked[k], totals));
  return { ...membersOf(members, request), warnings: neighborWarnings({ ...about, members }) };
}

function askedOf({ divergences = ['kl'] }: DivergenceRequest): ClosedDivergence[] {
  return [...new Set(divergences)].filter(isClosed);
}

function membersOf(members: readonly FamilyMember[], { divergences }: DivergenceRequest): Pick<Computed, 'divergence' | 'family'> {
  return { divergence: members[0], ...(divergences === undefined ? {} : { family: members }) };
}

function memberOf(name: ClosedDivergence, totals: Totals): FamilyMember {
  const divergence = parseDivergence(name);
  if (typeof divergence === 'string') throw new Error(divergence);
  return { ...noMemberFacts(), ...totals, divergence };
}

/**
 * The reductions that a request has: where a distribution has several coordinates or outcomes, or points, there is no divergence
 * of each, so `"all"` leaves `none` out.
 * @throws RequestError INVALID_VALUE where `none` is asked for by name
 */
export function existingReductions(request: DivergenceRequest, asked: readonly ReductionName[]): readonly ReductionName[] {
  if (isDenseRequest(request) || ('kind' in request && hasTerms(request.kind)) || !asked.includes('none')) return asked;
  if (request.reduction === 'all') return asked.filter((name) => name !== 'none');
  const what = 'kind' in request ? `a divergence of ${request.kind} distributions` : 'an estimate from neighbours';
  const detail = `none does not exist here: ${what} is no sum over elements. Ask for per_distribution, or for "all", which leaves none out`;
  throw refuse('INVALID_VALUE', '#/reduction', detail);
}

/** Where no distribution is read. @throws RequestError ZERO_WEIGHT for what would divide by the sum of the weights */
export function refuseAverages(averages: readonly string[]): void {
  if (averages.length === 0) return;
  const detail = `all weights are 0, so no distribution is read and there is nothing that ${averages.join(', ')} could average`;
  throw refuse('ZERO_WEIGHT', '#/weights', `${detail}; sum, per_distribution and none are answered`);
}
