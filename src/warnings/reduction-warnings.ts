import { dimsInWords } from '../tensor/axes.ts';
import { countAndIndices, type Finding, inWords, quantity, type Warning, type WarningContext } from './warning.ts';

/** What the warnings about averages depend on. `parts` is what lies along `dim`. */
export type ReductionContext = Pick<WarningContext, 'reductions' | 'axes' | 'shape' | 'weight' | 'noun'> & {
  readonly parts?: Parts;
};

type Parts = 'outcomes' | 'samples' | 'elements' | 'coordinates';

/** Warnings about the meaning of a reduction. */
export const reductionWarnings = {
  MEAN_DIVIDES_BY_SUPPORT: {
    severity: 'warning',
    when: '`mean` is returned and a distribution has more than one outcome',
    find: meanDividesBySupport,
  },
  BATCHMEAN_NOT_PER_DISTRIBUTION: {
    severity: 'warning',
    when: '`batchmean` is returned and the size of axis 0 is not the number of distributions, or not the sum of their weights',
    find: batchmeanNotPerDistribution,
  },
  SINGLE_OUTCOME: {
    severity: 'warning',
    when: 'a distribution has a single outcome, so that every divergence between normalised ones is 0',
    find: singleOutcome,
  },
  NEGATIVE_TERMS: {
    severity: 'info',
    when: '`none` is returned and holds negative terms although no total is negative, which is normal',
    find: negativeTerms,
  },
} as const satisfies Record<string, Warning>;

function meanDividesBySupport({ reductions, axes, weight, noun, parts = 'outcomes' }: ReductionContext): readonly Finding[] {
  const supportSize = axes.outcomeOffsets.length;
  if (!reductions.includes('mean') || supportSize === 1) return [];
  return dividedBySupport(supportSize, axes.distributionOffsets.length, weight, noun, parts);
}

const dividedBySupport = ofLast(
  (supportSize: number, distributions: number, weight: number, noun: WarningContext['noun'], parts: Parts): readonly Finding[] => {
    const divisor = supportSize * weight;
    const what =
      weight === distributions
        ? `all ${divisor} elements, which are ${quantity(distributions, 'distribution')} of ${supportSize} ${parts}`
        : `${inWords(divisor)}, the sum of the weights, ${inWords(weight)}, times the ${supportSize} ${parts} of a distribution`;
    return [
      {
        pointer: '#/reduction',
        message: `mean divides by ${what}: it is ${supportSize} times smaller than the mean ${noun}. Use distribution_mean for that.`,
        details: { divisor, distributions, support_size: supportSize },
      },
    ];
  },
);

function batchmeanNotPerDistribution({ reductions, shape, axes, weight, noun, parts = 'outcomes' }: ReductionContext): readonly Finding[] {
  const distributions = axes.distributionOffsets.length;
  if (!reductions.includes('batchmean')) return [];
  if (shape[0] === distributions)
    return isNear(weight, distributions) ? [] : [batchmeanLeavesWeightsOut(shape[0], distributions, weight, noun)];
  const reason = shape.length === 1 ? 'rank_1' : axes.dims.includes(0) ? 'dim_is_batch_axis' : 'more_batch_axes';
  return dividedByAxis(reason, shape[0], distributions, noun, parts);
}

const dividedByAxis = ofLast(
  (
    reason: 'rank_1' | 'dim_is_batch_axis' | 'more_batch_axes',
    divisor: number,
    distributions: number,
    noun: WarningContext['noun'],
    parts: Parts,
  ): readonly Finding[] => {
    const because = {
      rank_1: `axis 0 of a single distribution counts its ${parts}`,
      dim_is_batch_axis: `axis 0 is part of the distributions (dim), so its size counts ${parts}`,
      more_batch_axes: 'axis 0 is not the only axis that distributions are stacked along',
    }[reason];
    return [
      {
        pointer: '#/reduction',
        message:
          `batchmean divides by size(0) = ${divisor}, but there ${distributions === 1 ? 'is' : 'are'} ${quantity(distributions, 'distribution')}: ${because}. ` +
          `It is not the mean ${noun}; distribution_mean is.`,
        details: { reason, divisor, distributions },
      },
    ];
  },
);

function batchmeanLeavesWeightsOut(divisor: number, distributions: number, weight: number, noun: WarningContext['noun']): Finding {
  return {
    pointer: '#/reduction',
    message:
      `batchmean divides by size(0) = ${divisor}, but the weights sum to ${inWords(weight)}: batchmean leaves them out of its divisor. ` +
      `It is not the mean ${noun}; distribution_mean is.`,
    details: { reason: 'weights', divisor, distributions, sum_of_weights: weight },
  };
}

/**
 * Returns a function that remembers its last result, since items of a batch mostly call it with the same arguments. JSON.stringify also
 * takes less time for a text that it has written before than for a new one.
 */
function ofLast<Args extends readonly (string | number)[], Result>(make: (...args: Args) => Result): (...args: Args) => Result {
  let last: { readonly args: Args; readonly result: Result } | undefined;
  return (...args) => {
    const known = last;
    if (known === undefined || !args.every((arg, at) => arg === known.args[at])) last = { args, result: make(...args) };
    return (last as NonNullable<typeof last>).result;
  };
}

/** Whether two sums differ by rounding alone. */
function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * b;
}

function singleOutcome({ axes, shape, listed, ofSamples, operands }: WarningContext): Finding[] {
  // where nothing is compared one by one, LOWER_BOUND says so
  if (axes.outcomeOffsets.length > 1 || listed?.coverage !== undefined) return [];
  if (ofSamples) {
    const message =
      'All observations of both sides are in one bin, and so every divergence is 0 whatever they are. Unless all of them are equal, choose other bins.';
    return [{ pointer: '#/bins', message, details: { support_size: 1, shape } }];
  }
  const both = operands.input.kind === operands.target.kind ? operands.input.kind : undefined;
  const ofTwo = both === 'probs' ? 'probabilities' : both === 'logits' ? 'logits' : undefined;
  const orBernoulli = ofTwo === undefined ? '' : `, or send the ${ofTwo} of two outcomes as the kind bernoulli`;
  const advice = listed === undefined ? `Choose the axis that the classes lie along${orBernoulli}` : 'List the other outcomes, too';
  return [singleAlongDim({ axes, shape }, `between normalised distributions every divergence is 0 whatever the data. ${advice}`)];
}

/** @param advice what that means, and what to do */
export function singleAlongDim({ axes, shape }: Pick<WarningContext, 'axes' | 'shape'>, advice: string): Finding {
  const where = `The size along ${dimsInWords(axes.dims)} of shape [${shape.join(', ')}] is 1`;
  return {
    pointer: '#/dim',
    message: `${where}, so each distribution has a single outcome, and ${advice}.`,
    details: { support_size: 1, shape },
  };
}

function negativeTerms({ reductions, facts, shape }: WarningContext): Finding[] {
  if (!reductions.includes('none') || facts.negativeTerms.count === 0 || facts.negativeTotals.count > 0) return [];
  return [
    {
      pointer: '#/reduction',
      message:
        `none holds ${quantity(facts.negativeTerms.count, 'negative term')}, which is normal where P < Q: only the sum along dim is a divergence, ` +
        'and no sum here is negative. Use per_distribution for the divergences.',
      details: countAndIndices(facts.negativeTerms, shape),
    },
  ];
}
