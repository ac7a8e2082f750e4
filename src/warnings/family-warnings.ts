import { otherSide, type SideName, sideNames } from '../core/comparison.ts';
import type { Family } from '../core/divergences/compute-family.ts';
import type { InfiniteWhere } from '../core/divergences/divergence-row.ts';
import type { FamilyFacts, FamilyMember } from '../core/divergences/facts.ts';
import { type NamedDivergence, rowOf } from '../core/divergences/named-divergence.ts';
import { kinds } from '../core/kinds.ts';
import { unitOf } from '../core/log-base.ts';
import { float64s } from '../memory/small-arrays.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import { toNormalize } from './normalization.ts';
import { restByRounding, whetherRight } from './rest-by-rounding.ts';
import {
  atIndex,
  countAndElements,
  countAndIndices,
  elementInWords,
  type Finding,
  inWords,
  overflowInWords,
  quantity,
  type WarningContext,
} from './warning.ts';
import { type FoundWarning, type WarningCode, warningCodes, warnings, warningsFor } from './warnings.ts';
import { remedyFor } from './without-mass.ts';

/** What is known of a request for several divergences. */
type FamilyContext = Omit<WarningContext, 'facts' | 'perDistribution' | 'sum'>;

/** Codes whose warnings belong to one of the divergences, and name it. */
const ofMembers: Partial<Record<WarningCode, (member: FamilyMember, context: FamilyContext, facts: FamilyFacts) => readonly Finding[]>> = {
  NEGATIVE_TERMS: negativeTerms,
  INFINITE_DIVERGENCE: infinite,
  NEGATIVE_DIVERGENCE: negative,
  MASS_DIFFERENCE: massDifference,
  REST_BY_ROUNDING: ({ divergence }, context) => restByRounding(lackingSidesOf(divergence), divergence.key, context),
};

/** What there is to say about several divergences: of both sides and the reductions once, of a divergence only if it was asked for. */
export function familyWarnings(context: FamilyContext, { members, facts }: Family): FoundWarning[] {
  const found = warningsFor({
    ...context,
    ...sharedFacts(facts, members),
    reductions: context.reductions.filter((name) => name !== 'none'),
  }).filter(({ code }) => ofMembers[code] === undefined);
  for (const code of warningCodes) {
    const { severity } = warnings[code];
    for (const member of members) {
      for (const finding of ofMembers[code]?.(member, context, facts) ?? [])
        found.push({ code, severity, ...finding, details: { divergence: member.divergence.key, ...finding.details } });
    }
  }
  return found.toSorted((a, b) => warningCodes.indexOf(a.code) - warningCodes.indexOf(b.code));
}

/** The facts about both sides, without those about KL. PyTorch's NaN for 0 over 0 concerns only callers who compare with its KL. */
function sharedFacts(
  { input, target, neither }: FamilyFacts,
  members: readonly FamilyMember[],
): Pick<WarningContext, 'facts' | 'perDistribution' | 'sum'> {
  const none = { count: 0, first: [] };
  const isKl = members.some(({ divergence: { name } }) => name === 'kl' || name === 'reverse_kl');
  return {
    facts: {
      input,
      target,
      infiniteTerms: none,
      zeroOverZero: isKl ? neither : none,
      negativeTotals: none,
      lowestTotal: undefined,
      massDifferences: { ...none, total: undefined },
      negativeTerms: none,
    },
    // whether equal sides look like padding is told by their numbers
    perDistribution: float64s(members[0].perDistribution.length),
    sum: 0,
  };
}

/** The sides whose lack of mass makes a divergence infinite. */
const lackingSides: Readonly<Record<Exclude<InfiniteWhere, 'disjoint' | 'never'>, readonly SideName[]>> = {
  only_target: ['input'],
  only_input: ['target'],
  either: ['input', 'target'],
};

function lackingSidesOf(divergence: NamedDivergence): readonly SideName[] {
  const where = rowOf(divergence).infiniteWhere(divergence.parameter);
  return where === 'disjoint' || where === 'never' ? [] : lackingSides[where];
}

function infinite(member: FamilyMember, context: FamilyContext, facts: FamilyFacts): Finding[] {
  const { axes, operands } = context;
  if (member.sum !== Number.POSITIVE_INFINITY) return [];
  const { key, parameter } = member.divergence;
  const where = rowOf(member.divergence).infiniteWhere(parameter);
  const so = (right: string) =>
    `so ${key} is infinite, and so is every reduction that includes it: ${right}. jensen_shannon, hellinger and total_variation are always finite`;
  const remedy = (lacking: SideName, which: string) => `if ${lacking} should cover ${which}, ${remedyFor(lacking, context)}.`;
  if (where === 'disjoint' && facts.disjoint.count > 0) {
    const seen = `In ${quantity(facts.disjoint.count, 'distribution', axes.distributionOffsets.length)} no outcome has mass on both sides`;
    const message = `${seen}, ${so(whetherRight('input', context))}; ${remedy('input', 'the outcomes of target')}`;
    return [{ pointer: '#/input', message, details: countAndIndices(facts.disjoint, axes.shape) }];
  }
  const without = { input: facts.onlyTarget, target: facts.onlyInput };
  const lackingMass = lackingSidesOf(member.divergence).filter((side) => without[side].count > 0);
  if (lackingMass.length === 0) {
    const isLog = sideNames.some((name) => kinds[operands[name].kind].scale === 'log');
    const advice = isLog
      ? 'Log-probabilities this low are usually a mask: send "-Infinity" for masked outcomes, on both sides.'
      : 'A mass of one side is that small beside the other: renyi:2 is the logarithm of 1 + chi_squared, and finite here.';
    const message = `No outcome with mass on one side lacks it on the other, but ${overflowInWords(key, member.perDistribution)}. ${advice}`;
    return [{ pointer: '#/input', message, details: { count: 0, indices: [] } }];
  }
  return lackingMass.map((side) => {
    const { count, first } = without[side];
    const seen = `${otherSide(side)} has mass where ${side} has none at ${quantity(count, 'element')}, the first ${elementInWords(first[0], context)}`;
    const message = `${seen}, ${so(whetherRight(side, context))}; ${remedy(side, 'these outcomes')}`;
    return { pointer: `#/${side}`, message, details: countAndElements({ count, first: [...first] }, context) };
  });
}

function negative({ divergence, negativeTotals, lowest }: FamilyMember, { axes }: FamilyContext): Finding[] {
  // a cross-entropy is negative where masses are above 1, which NOT_NORMALIZED says
  if (lowest === undefined || !rowOf(divergence).restsOnMasses) return [];
  const { value, at, massDifference: difference } = lowest;
  return [
    {
      pointer: '#/target',
      message:
        `${divergence.key} is below 0 in ${quantity(negativeTotals.count, 'distribution', axes.distributionOffsets.length)}, the lowest ${inWords(value)}` +
        `${atIndex(at, axes.shape)}: it is never negative unless the masses differ, as here by ${inWords(difference)}. ${toNormalize}`,
      details: { lowest: jsonNumber(value), mass_difference: jsonNumber(difference), ...countAndIndices(negativeTotals, axes.shape) },
    },
  ];
}

function massDifference({ divergence, massDifferences, sum }: FamilyMember, { axes, base, reductions }: FamilyContext): Finding[] {
  const { count, total } = massDifferences;
  const isOfResult = (total?.value() ?? 0) / unitOf(base) >= Math.abs(sum) / 2;
  if (count === 0 || !(isOfResult || reductions.includes('per_distribution'))) return [];
  return [
    {
      pointer: '#/target',
      message:
        `In ${quantity(count, 'distribution', axes.distributionOffsets.length)} half of ${divergence.key} or more is the difference of the two masses, which are 1 but for rounding. ` +
        'Send logits, or counts, which the service normalises in float64, or probabilities in float64.',
      details: countAndIndices(massDifferences, axes.shape),
    },
  ];
}

function negativeTerms({ divergence, negativeTerms: found, negativeTotals }: FamilyMember, { shape }: FamilyContext): Finding[] {
  if (found.count === 0 || negativeTotals.count > 0) return [];
  return [
    {
      pointer: '#/reduction',
      message:
        `none of ${divergence.key} holds ${quantity(found.count, 'negative term')}, which is normal: only the sum along dim is a divergence, ` +
        'and no sum here is negative. Use per_distribution for the divergences.',
      details: countAndIndices(found, shape),
    },
  ];
}
