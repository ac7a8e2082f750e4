import { countAndIndices, type Finding, inWords, quantity, type Warning, type WarningContext } from './warning.ts';

/** Warnings about what sampling makes of the numbers. */
export const samplingWarnings = {
  WITHIN_SAMPLING_NOISE: {
    severity: 'info',
    when: 'the answer has `sampling`, and a divergence is no larger than what one distribution on both sides exceeds once in twenty times',
    find: withinSamplingNoise,
  },
  SMALL_COUNTS: {
    severity: 'warning',
    when: 'the answer has `sampling`, and so few observations are expected of an outcome that its chi-square distribution does not hold',
    find: smallCounts,
  },
} as const satisfies Record<string, Warning>;

function withinSamplingNoise({ sampling, axes, read }: WarningContext): Finding[] {
  const found = (sampling?.members ?? []).filter(({ within }) => within.count > 0);
  return found.map(({ divergence: { key }, within, bound, expected }) => {
    const [first] = within.first;
    const { distributionOffsets, shape } = axes;
    const where =
      distributionOffsets.length === 1
        ? `${key} is`
        : `${key} is in ${quantity(within.count, 'distribution', read.distributionOffsets.length)}`;
    const numbers =
      distributionOffsets.length === 1
        ? ` (${inWords(expected?.[first] ?? 0)} on average, ${inWords(bound?.[first] ?? 0)} at the most in 19 of 20 times)`
        : '';
    return {
      pointer: '#/sampling',
      message: `${where} no larger than what sampling alone makes of two sides with one distribution${numbers}. It is no evidence of a difference; more observations would show a smaller one.`,
      details: { divergence: key, ...countAndIndices(within, shape) },
    };
  });
}

function smallCounts({ sampling, axes, read }: WarningContext): Finding[] {
  if (sampling === undefined || sampling.small.count === 0) return [];
  const { count } = sampling.small;
  const where = axes.distributionOffsets.length === 1 ? '' : ` in ${quantity(count, 'distribution', read.distributionOffsets.length)}`;
  return [
    {
      pointer: '#/sampling',
      message:
        `Some outcomes are expected less than once on a side, or more than a fifth of them less than five times${where}: p_value, expected_by_chance and ` +
        'chance_bound are rough then, since G is not chi-square. Use fewer or wider bins, or more observations.',
      details: countAndIndices(sampling.small, axes.shape),
    },
  ];
}
