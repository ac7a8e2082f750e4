import type { Totals } from '../core/reductions.ts';
import { type Share, type Statistics, shareOf, statisticsOf } from '../core/statistics/statistics.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import { unravel } from '../tensor/tensor.ts';
import type { Solution } from './solve/solve.ts';

/** Returns the member `statistics` of an answer about one divergence; no member where the request does not ask for it. */
export function statisticsMember(solved: Solution) {
  const { statistics } = memberStatistics(solved.divergence, solved);
  return statistics === undefined ? {} : { statistics: { ...statistics, ...agreementMember(solved).statistics } };
}

/** Returns the member `statistics` of an answer about several divergences: what all of them have in common, where sides have outcomes. */
export function agreementMember({ statistics, weights }: Solution) {
  if (statistics?.agrees === undefined) return {};
  return { statistics: { top_1_agreement: jsonShare(shareOf(statistics.agrees, weights)) } };
}

/** Returns the member `statistics` of one of several divergences. */
export function memberStatistics(totals: Totals, { statistics, weights, axes }: Solution) {
  if (statistics === undefined) return {};
  return { statistics: jsonStatistics(statisticsOf(totals, weights, statistics.quantiles), axes.shape) };
}

/** What divergences look like, as JSON. @param shape that of `per_distribution` */
export function jsonStatistics(found: Statistics, shape: readonly number[]) {
  return {
    count: found.count,
    infinite: found.infinite,
    mean: jsonNumber(found.mean),
    standard_deviation: numberOrNull(found.standardDeviation),
    standard_error: numberOrNull(found.standardError),
    minimum: jsonNumber(found.minimum),
    maximum: jsonNumber(found.maximum),
    quantiles: found.quantiles.map(({ quantile, value }) => ({ quantile, value: jsonNumber(value) })),
    largest: found.largest.map(({ at, value }) => ({ index: unravel(at, shape), value: jsonNumber(value) })),
  };
}

export function jsonShare({ share, standardError }: Share) {
  return { share, standard_error: numberOrNull(standardError) };
}

function numberOrNull(value: number | null) {
  return value === null ? null : jsonNumber(value);
}
