import { sideNames } from '../core/comparison.ts';
import { massTolerance } from '../core/diagnostics.ts';
import { unitOf } from '../core/log-base.ts';
import type { Coverage } from '../core/outcomes/listed.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import { kindMismatch } from './kind-mismatch.ts';
import { normalizedOnOtherDim, notNormalized, toNormalize } from './normalization.ts';
import { paddingSuspected } from './padding.ts';
import { pseudocountOfShares } from './pseudocount-of-shares.ts';
import { isInDoubt, restByRounding, whetherRight } from './rest-by-rounding.ts';
import { estimatorOverflow, sampledFromOther } from './sampled-estimates.ts';
import { suspiciousBytes } from './suspicious-bytes.ts';
import {
  atIndex,
  countAndElements,
  countAndIndices,
  elementInWords,
  type Finding,
  inWords,
  massInWords,
  overflowInWords,
  quantity,
  type Warning,
  type WarningContext,
} from './warning.ts';
import { remedyFor, zeroOverZero } from './without-mass.ts';

/** Warnings about the data. */
export const dataWarnings = {
  NOT_NORMALIZED: {
    severity: 'warning',
    when: 'a distribution of `probs` or `log_probs` has a mass that differs from 1 by more than 1e-6',
    find: notNormalized,
  },
  NORMALIZED_ON_OTHER_DIM: {
    severity: 'warning',
    when: '`probs`, `log_probs`, or `logits` that are log-probabilities, are not normalised along `dim` but along exactly one other axis or set of axes',
    find: normalizedOnOtherDim,
  },
  KIND_MISMATCH: {
    severity: 'warning',
    when:
      '`logits` or `log_probs` look like probabilities (along `dim` or other axes, as float32, in half precision or rounded to 2 to 5 ' +
      'decimals), like percentages, or like counts, as non-negative numbers of an integer datatype do; `value_if` holds the values under that kind. ' +
      'Or `logits` look like log2 p or -log p',
    find: kindMismatch,
  },
  SUSPICIOUS_BYTES: {
    severity: 'warning',
    when: 'most numbers of a tensor are subnormal or beyond 1e100, as bytes of another order or dtype are',
    find: suspiciousBytes,
  },
  PADDING_SUSPECTED: {
    severity: 'warning',
    when: 'some of several distributions, not all, have one number throughout on both sides, or -100 throughout on one',
    find: paddingSuspected,
  },
  PSEUDOCOUNT_OF_SHARES: {
    severity: 'warning',
    when: 'counts of a side sum to 1 in each distribution, as probabilities do, and `pseudocount` adds more than a tenth of that',
    find: pseudocountOfShares,
  },
  INFINITE_DIVERGENCE: {
    severity: 'warning',
    when: 'the divergence is infinite: for KL, P > 0 where Q = 0. Of several divergences, `details.divergence` names the one that is infinite',
    find: infiniteDivergence,
  },
  ESTIMATOR_OVERFLOW: {
    severity: 'warning',
    when: 'an estimate from samples is larger than the largest float64 although both log-probabilities are finite: `k3` above a log-ratio of 709',
    find: estimatorOverflow,
  },
  SAMPLED_FROM_OTHER_SIDE: {
    severity: 'warning',
    when: 'samples are more than e^20 times as likely under the other model as under the one that `sampled_from` names, and rounding does not explain it',
    find: sampledFromOther,
  },
  NEGATIVE_DIVERGENCE: {
    severity: 'warning',
    when: 'the divergence of a distribution is negative, which needs masses that differ, or an estimate from neighbours',
    find: negativeDivergence,
  },
  MASS_DIFFERENCE: {
    severity: 'warning',
    when: 'masses are 1 within 1e-6, but the rounding that is left in them makes up half of the result or more',
    find: massDifference,
  },
  REST_BY_ROUNDING: {
    severity: 'warning',
    when: 'under `"rest": "bucket"` a list leaves at most 1e-6 to 1, as the rounding of float32 does, where the other side leaves more, and the divergence is infinite without it',
    find: (answered) => restByRounding(['input'], 'the divergence', answered),
  },
  LOWER_BOUND: {
    severity: 'info',
    when: 'lists of outcomes that leave mass out are compared under `"rest": "bucket"`, so that the divergence is a lower bound; `coverage` says how much is compared one by one',
    find: lowerBound,
  },
  ZERO_OVER_ZERO: {
    severity: 'info',
    when: 'P = 0 and Q = 0, which counts as 0 here and is NaN in PyTorch',
    find: zeroOverZero,
  },
} as const satisfies Record<string, Warning>;

function infiniteDivergence(answered: WarningContext): Finding[] {
  const { facts, perDistribution, sum } = answered;
  if (sum !== Number.POSITIVE_INFINITY) return [];
  const { count } = facts.infiniteTerms;
  // without them, probabilities do not sum to 1 any more
  const canMask = facts.input.kind === 'logits' && facts.target.kind === 'logits';
  const orMask = canMask ? ', or mask them on both sides' : '';
  const message =
    count > 0
      ? `target has mass where input has none at ${quantity(count, 'element')}, the first ${elementInWords(facts.infiniteTerms.first[0], answered)}, so the divergence ` +
        `is infinite, and so is every reduction that includes it: ${whetherRight('input', answered)}. If input should cover these outcomes, ${remedyFor('input', answered)}${orMask}.`
      : `input has mass wherever target has, but ${overflowInWords('the divergence', perDistribution)}: log-probabilities this low are usually a mask. ` +
        'Send "-Infinity" for masked outcomes, on both sides.';
  return [{ pointer: '#/input', message, details: countAndElements(facts.infiniteTerms, answered) }];
}

function negativeDivergence({ facts, axes }: WarningContext): Finding[] {
  const lowest = facts.lowestTotal;
  if (lowest === undefined) return [];
  const { value, at, targetMass, inputMass, massDifference } = lowest;
  return [
    {
      pointer: '#/target',
      message:
        `The total is below 0 in ${quantity(facts.negativeTotals.count, 'distribution', axes.distributionOffsets.length)}, the lowest ${inWords(value)}` +
        `${atIndex(at, axes.shape)}, where target sums to ${massInWords(targetMass)} and input to ${massInWords(inputMass)}: a KL divergence is never negative ` +
        `unless the masses differ, as here by ${inWords(massDifference)}. ${toNormalize}`,
      details: {
        lowest: jsonNumber(value),
        target_sum: jsonNumber(targetMass),
        input_sum: jsonNumber(inputMass),
        mass_difference: jsonNumber(massDifference),
        ...countAndIndices(facts.negativeTotals, axes.shape),
      },
    },
  ];
}

function massDifference({ facts, axes, sum, base, reductions }: WarningContext): Finding[] {
  const { count, total } = facts.massDifferences;
  const isOfResult = count > 0 && (total?.value() ?? 0) / unitOf(base) >= Math.abs(sum) / 2;
  if (!isOfResult && !(count > 0 && reductions.includes('per_distribution'))) return [];
  return [
    {
      pointer: '#/target',
      message:
        `In ${quantity(count, 'distribution', axes.distributionOffsets.length)} half of the result or more is the difference of the two masses, which are 1 but for rounding: ` +
        'the divergence itself is smaller than that rounding. Send logits, or counts, which the service normalises in float64, or probabilities in float64.',
      details: countAndIndices(facts.massDifferences, axes.shape),
    },
  ];
}

function lowerBound({ listed, noun }: WarningContext): Finding[] {
  if (listed?.coverage === undefined) return [];
  const { input, target } = listed.coverage;
  const exception = sideNames.some((name) => isInDoubt(name, listed)) ? ', but where rounding decides what a list leaves to 1' : '';
  if (Math.min(input.least, target.least) >= 1 - massTolerance) return [];
  const side = ({ mean, least }: Coverage) => ({ mean: jsonNumber(mean), least: jsonNumber(least) });
  const share = ({ mean, least }: Coverage) =>
    mean === least ? inWords(mean) : `${inWords(mean)} on average and ${inWords(least)} at least`;
  return [
    {
      pointer: '#/rest',
      message:
        `What both sides list is compared one by one (${share(target)} of the mass of target, ${share(input)} of that of input), and all else is one outcome, ` +
        `so each ${noun} is a lower bound of that of the whole distributions (the data-processing inequality)${exception}. Longer lists bring it nearer.`,
      details: { coverage: { input: side(input), target: side(target) } },
    },
  ];
}
