import { hasTerms } from '../../core/closed-forms/closed-forms.ts';
import { isPlainSum, type NamedDivergence } from '../../core/divergences/named-divergence.ts';
import { isAverage, type ReductionName } from '../../core/reductions.ts';
import { leastTotalWeight } from '../../core/weights.ts';
import { refuse } from '../../errors/request-error.ts';
import { type DivergenceRequest, isDenseRequest } from '../../formats/divergence-request.ts';

/**
 * The reductions that a request has: where a distribution has several coordinates or outcomes, or points, there is no divergence
 * of each, so `"all"` leaves `none` out.
 * @throws RequestError INVALID_VALUE where `none` is asked for by name
 */
export function existingReductions(request: DivergenceRequest, asked: readonly ReductionName[]): readonly ReductionName[] {
  if (isDenseRequest(request) || ('kind' in request && hasTerms(request.kind)) || !asked.includes('none')) return asked;
  if (request.reduction === 'all') return asked.filter((name) => name !== 'none');
  const what = 'kind' in request ? `a divergence of ${request.kind} distributions` : 'an estimate from neighbours';
  const detail = `none does not exist here: ${what} is no sum over elements. Ask for per_distribution instead`;
  throw refuse('INVALID_VALUE', '#/reduction', detail);
}

/** @throws RequestError INVALID_VALUE where `none` is asked for by name of a divergence that is no sum of terms */
export function refuseNone(reduction: DivergenceRequest['reduction'], asked: readonly NamedDivergence[]): void {
  if (reduction === undefined || reduction === 'all') return;
  const without = asked.filter((divergence) => !isPlainSum(divergence)).map(({ key }) => key);
  if (![reduction].flat().includes('none') || without.length === 0) return;
  const which = `${without.join(', ')} ${without.length === 1 ? 'is' : 'are'} no plain sum of terms`;
  // only a request that may name several divergences has an answer that holds all reductions
  const some = asked.length > without.length ? ', or for "all", which has none of the others' : '';
  throw refuse('INVALID_VALUE', '#/reduction', `none does not exist here: ${which}. Ask for per_distribution instead${some}`);
}

/**
 * Refuses what would divide by the sum of the weights, where that is 0 or nearly.
 * @throws RequestError ZERO_WEIGHT
 */
export function refuseZeroWeight(weight: number, reductions: readonly ReductionName[], hasStatistics: boolean): void {
  if (weight >= leastTotalWeight) return;
  const averages = [...reductions.filter(isAverage), ...(hasStatistics ? ['statistics'] : [])].join(', ');
  if (averages === '') return;
  const detail =
    weight === 0
      ? `all weights are 0, so no distribution is read and there is nothing that ${averages} could average: ask for sum, which is 0 then`
      : `the weights sum to ${weight}, which is below ${leastTotalWeight}: ${averages} would lose digits. Multiply all weights by one number`;
  throw refuse('ZERO_WEIGHT', '#/weights', detail);
}
