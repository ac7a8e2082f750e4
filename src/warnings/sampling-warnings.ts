import { addIndex, emptySample } from '../core/diagnostics.ts';
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
  NO_INTERVAL: {
    severity: 'info',
    when: 'a confidence interval is `"NaN"`, because the divergence is infinite, or too often so where the observations are drawn anew',
    find: noInterval,
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

function noInterval({ sampling, axes, read, weights }: WarningContext): Finding[] {
  return (sampling?.members ?? []).flatMap(({ divergence: { key }, upper }) => {
    const without = emptySample();
    for (const [d, end] of (upper ?? []).entries()) if (Number.isNaN(end) && weights?.[d] !== 0) addIndex(without, d);
    if (without.count === 0) return [];
    const { distributionOffsets, shape } = axes;
    const where = distributionOffsets.length === 1 ? '' : ` in ${quantity(without.count, 'distribution', read.distributionOffsets.length)}`;
    return {
      pointer: '#/confidence',
      message:
        `${key} has no confidence interval${where}: observations that are drawn anew lack outcomes of the other side, which makes it infinite. ` +
        'Send a "pseudocount" such as 0.5, or more observations, or ask /v1/divergences for jensen_shannon, which is always finite.',
      details: { divergence: key, ...countAndIndices(without, shape) },
    };
  });
}
