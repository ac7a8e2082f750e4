import { type ClosedDivergence, closedForms, isClosed, type ParametricComparison } from '../../core/closed-forms/closed-forms.ts';
import type { FamilyMember } from '../../core/divergences/facts.ts';
import { noMemberFacts } from '../../core/divergences/facts.ts';
import { parseDivergence } from '../../core/divergences/named-divergence.ts';
import { neighborEstimates, type PointsComparison } from '../../core/neighbors/neighbor-estimates.ts';
import type { Totals } from '../../core/reductions.ts';
import type { DivergenceRequest, ParametricRequest, PointsRequest } from '../../formats/divergence-request.ts';
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
 * @throws RequestError REPEATED_OBSERVATIONS, INVALID_VALUE for distances below 1e-304 of the largest coordinate
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
