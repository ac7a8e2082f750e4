import type { ExactSum } from '../../core/exact-sum.ts';
import type { Statistics } from '../../core/statistics/statistics.ts';
import { jsonShare, jsonStatistics } from '../../tasks/statistics-response.ts';
import { binnedQuantiles, type Description, quantileError, spreadFrom, type Weights, widthOf } from './description.ts';
import type { ItemPartial } from './partial.ts';

type Asked = {
  readonly quantiles: readonly number[];
  /** The sum of the weights. */
  readonly weight: number;
  /** That of `per_distribution`. */
  readonly shape: readonly number[];
};

/** Adds the statistics of divergences that were not kept one by one to an answer, before its warnings, and how exact the quantiles are. */
export function withStatistics(answer: object, partial: ItemPartial, asked: Asked): object {
  const { warnings, divergences, ...members } = answer as { warnings: unknown; divergences?: Readonly<Record<string, object>> };
  const top = { top_1_agreement: shareFrom(partial.agreed, partial, asked.weight) };
  const statistics = partial.members.map(({ description, sum }) =>
    description === undefined ? {} : described(description, sum, partial, asked),
  );
  if (divergences === undefined) return { ...members, statistics: { ...statistics[0], ...top }, warnings };
  const ofDivergences = Object.entries(divergences).map(([key, of], index) => [key, { ...of, statistics: statistics[index] }]);
  return { divergences: Object.fromEntries(ofDivergences), ...members, statistics: top, warnings };
}

function described(description: Description, sum: ExactSum, partial: ItemPartial, { quantiles, weight, shape }: Asked) {
  const { first, second, infinite, minimum, maximum, largest } = description;
  const { deviation, error } = spreadFrom(first, second, partial, partial.read);
  const quantileAt = binnedQuantiles(description, weight, widthOf(partial));
  const found: Statistics = {
    count: partial.read,
    infinite,
    mean: sum.value() / weight,
    standardDeviation: deviation,
    standardError: error,
    minimum,
    maximum,
    quantiles: quantiles.map((quantile) => ({ quantile, value: quantileAt(quantile) })),
    largest,
  };
  return { ...jsonStatistics(found, shape), quantile_error: quantileError };
}

/** The share of the weight that some distributions have, as `shareOf` finds it. */
function shareFrom(agreed: ExactSum, { read, ...weights }: Weights & { readonly read: number }, weight: number) {
  // of flags, the squares are the flags themselves
  return jsonShare({ share: agreed.value() / weight, standardError: spreadFrom(agreed, agreed, weights, read).error });
}
