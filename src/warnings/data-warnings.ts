import { type SideName, sideNames } from '../core/comparison.ts';
import type { SideDiagnostics } from '../core/diagnostics.ts';
import { dimsInWords } from '../tensor/axes.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import { unravel } from '../tensor/tensor.ts';
import {
  atIndex,
  countAndIndices,
  type Finding,
  indexInWords,
  inWords,
  massInWords,
  quantity,
  type Warning,
  type WarningContext,
} from './warning.ts';

/** Warnings about the data. */
export const dataWarnings = {
  NOT_NORMALIZED: {
    severity: 'warning',
    when: 'a distribution of `probs` or `log_probs` has a mass that differs from 1 by more than 1e-6',
    find: (answered) => onEachSide(answered, notNormalized),
  },
  NORMALIZED_ON_OTHER_DIM: {
    severity: 'warning',
    when: '`probs` or `log_probs` are not normalised along `dim` but along exactly one other axis',
    find: (answered) => onEachSide(answered, normalizedOnOtherDim),
  },
  KIND_MISMATCH: {
    severity: 'warning',
    when: '`logits` or `log_probs` all lie in [0, 1] and sum to 1: they look like probabilities',
    find: (answered) => onEachSide(answered, kindMismatch),
  },
  INFINITE_DIVERGENCE: {
    severity: 'warning',
    when: 'the divergence is infinite: P > 0 where Q = 0',
    find: infiniteDivergence,
  },
  NEGATIVE_DIVERGENCE: {
    severity: 'warning',
    when: 'the divergence of a distribution is negative, which needs masses that differ',
    find: negativeDivergence,
  },
  ZERO_OVER_ZERO: {
    severity: 'info',
    when: 'P = 0 and Q = 0, which counts as 0 here and is NaN in PyTorch',
    find: zeroOverZero,
  },
} as const satisfies Record<string, Warning>;

function onEachSide(
  answered: WarningContext,
  find: (name: SideName, facts: SideDiagnostics, answered: WarningContext) => Finding | undefined,
): Finding[] {
  const findings: Finding[] = [];
  for (const name of sideNames) {
    const finding = find(name, answered.facts[name], answered);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

function notNormalized(name: SideName, facts: SideDiagnostics, { axes }: WarningContext): Finding | undefined {
  if (facts.offMass.count === 0) return undefined;
  const sums = facts.kind === 'probs' ? 'Σ p' : 'Σ exp(log p)';
  const likely = facts.looksLikeProbs
    ? ['probabilities', 'probs']
    : facts.kind === 'probs'
      ? ['counts or weights', 'counts']
      : ['scores', 'logits'];
  return {
    pointer: `#/${name}`,
    message:
      `${sums} along ${dimsInWords(axes.dims)} differs from 1 in ${quantity(facts.offMass.count, 'distribution', axes.distributionOffsets.length)} of ${name}, the farthest ` +
      `${massInWords(facts.worstMass)}${atIndex(facts.worstAt, axes.shape)}. The numbers are used as they stand, so the result is not ` +
      `a KL divergence and may be negative. If they are ${likely[0]}, say "${name}_kind": "${likely[1]}"; else normalise them along dim.`,
    details: {
      side: name,
      worst_sum: jsonNumber(facts.worstMass),
      worst_index: unravel(facts.worstAt, axes.shape),
      ...countAndIndices(facts.offMass, axes.shape),
    },
  };
}

function normalizedOnOtherDim(name: SideName, facts: SideDiagnostics, { axes }: WarningContext): Finding | undefined {
  if (facts.otherAxis === undefined) return undefined;
  return {
    pointer: '#/dim',
    message:
      `${name} does not sum to 1 along ${dimsInWords(axes.dims)}, but does along axis ${facts.otherAxis}: the distributions seem to lie there, ` +
      `and the result here mixes several of them. Send "dim": ${facts.otherAxis}.`,
    details: { side: name, dim: axes.dims, normalized_dim: facts.otherAxis },
  };
}

function kindMismatch(name: SideName, facts: SideDiagnostics): Finding | undefined {
  if (!facts.looksLikeProbs) return undefined;
  const consequence =
    facts.kind === 'logits'
      ? 'reading them as logits takes a softmax of a softmax, which flattens the distributions, and the result is not the divergence of these probabilities'
      : 'reading them as log_probs takes exp of a probability, which makes every mass at least 1';
  return {
    pointer: `#/${name}_kind`,
    message: `All of ${name} lies in [0, 1] and sums to 1 along dim, as probabilities do, but ${name}_kind is ${facts.kind}: ${consequence}. Send "${name}_kind": "probs".`,
    details: { side: name, declared: facts.kind, looks_like: 'probs' },
  };
}

function infiniteDivergence({ facts, shape, sum }: WarningContext): Finding[] {
  if (sum !== Number.POSITIVE_INFINITY) return [];
  const { count } = facts.infiniteTerms;
  const message =
    count > 0
      ? `target has mass where input has none at ${quantity(count, 'element')}, the first ${indexInWords(facts.infiniteTerms.first[0], shape)}, so the divergence ` +
        'is infinite, and so is every reduction that includes it. That is the right value, not an error. If input should cover these outcomes, smooth it, or mask them on both sides.'
      : 'input has mass wherever target has, but the result is larger than the largest float64 (1.8e308): log-probabilities this low are usually a mask. Send "-Infinity" for masked outcomes, on both sides.';
  return [{ pointer: '#/input', message, details: countAndIndices(facts.infiniteTerms, shape) }];
}

function negativeDivergence({ facts, axes }: WarningContext): Finding[] {
  const lowest = facts.lowestTotal;
  if (lowest === undefined) return [];
  const { value, at, targetMass, inputMass, massDifference } = lowest;
  return [
    {
      pointer: '#/target',
      message:
        `${quantity(facts.negativeTotals.count, 'distribution', axes.distributionOffsets.length)} ${facts.negativeTotals.count === 1 ? 'has' : 'have'} a total below 0, the lowest ${inWords(value)}` +
        `${atIndex(at, axes.shape)}, where target sums to ${massInWords(targetMass)} and input to ${massInWords(inputMass)}. A KL divergence is never negative; ` +
        `this needs masses that differ, here by ${inWords(massDifference)}. Normalise both sides, or send them as counts or logits.`,
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

function zeroOverZero({ facts, shape }: WarningContext): Finding[] {
  const { count } = facts.zeroOverZero;
  if (count === 0) return [];
  return [
    {
      pointer: '#/target',
      message:
        `P and Q are both 0 in float64 at ${quantity(count, 'element')}. Each counts as 0, the limit, as in SciPy; PyTorch computes 0·∞ there and ` +
        'answers NaN. Nothing to do, unless you compare with PyTorch.',
      details: countAndIndices(facts.zeroOverZero, shape),
    },
  ];
}
