import { type Axes, positionOf } from '../../tensor/axes.ts';
import {
  addIndex,
  addMassDifference,
  emptySample,
  type IndexSample,
  type MassDifferences,
  noMassDifferences,
  type SideDiagnostics,
} from '../diagnostics.ts';
import type { DistributionReader } from '../distribution-reader.ts';
import { isMassDifference, massDifferenceOf } from '../divergence.ts';
import type { Totals } from '../reductions.ts';
import type { NamedDivergence } from './named-divergence.ts';
import type { Pair } from './pair.ts';

/** One divergence of all distributions. `terms` is empty unless they were asked for and it is a plain sum of them. */
export type FamilyMember = Totals & {
  readonly divergence: NamedDivergence;
  /** Distributions below 0, the lowest of them, and those that are mostly a difference of masses which are 1 but for rounding. */
  readonly negativeTotals: IndexSample;
  lowest: { readonly value: number; readonly at: number; readonly massDifference: number } | undefined;
  readonly massDifferences: MassDifferences;
  readonly negativeTerms: IndexSample;
};

/** What was seen of both sides. Positions are of elements, those of `disjoint` of distributions. */
export type FamilyFacts = {
  readonly input: SideDiagnostics;
  readonly target: SideDiagnostics;
  /** P > 0 and Q = 0; Q > 0 and P = 0; both 0. */
  readonly onlyTarget: IndexSample;
  readonly onlyInput: IndexSample;
  readonly neither: IndexSample;
  /** Distributions whose sides have no outcome in common. */
  readonly disjoint: IndexSample;
};

/** Of a divergence of which nothing but its numbers is told. */
export function noMemberFacts() {
  return {
    negativeTotals: emptySample(),
    lowest: undefined,
    massDifferences: noMassDifferences(),
    negativeTerms: emptySample(),
  };
}

export function noFacts(p: DistributionReader, q: DistributionReader): FamilyFacts {
  return {
    input: q.facts,
    target: p.facts,
    onlyTarget: emptySample(),
    onlyInput: emptySample(),
    neither: emptySample(),
    disjoint: emptySample(),
  };
}

/** A mass that is 0 in float64 is none, but only where the other side has exactly none does that matter. */
export function recordSupport(facts: FamilyFacts, { p, q, d, logP }: Pair, axes: Axes, at: number): void {
  let isDisjoint = true;
  for (let k = 0; k < d.length; k++) {
    const element = positionOf(axes, at, k);
    if (d[k] === Number.POSITIVE_INFINITY) addIndex(p[k] === 0 ? facts.neither : facts.onlyTarget, element);
    else if (d[k] === Number.NEGATIVE_INFINITY) addIndex(q[k] === 0 ? facts.neither : facts.onlyInput, element);
    else if (p[k] === 0 && logP(k) === Number.NEGATIVE_INFINITY) addIndex(facts.neither, element);
    else isDisjoint = false;
  }
  if (isDisjoint) addIndex(facts.disjoint, at);
}

export function recordNegative(
  member: FamilyMember,
  value: number,
  at: number,
  p: DistributionReader,
  q: DistributionReader,
  scratch: Float64Array,
): void {
  addIndex(member.negativeTotals, at);
  if (member.lowest === undefined || value < member.lowest.value)
    member.lowest = { value, at, massDifference: massDifferenceOf(p, q, scratch) };
}

/** As `divergence` records it, by a total in nats; in the other direction the masses are exchanged. */
export function recordMassDifference(
  member: FamilyMember,
  total: number,
  weight: number | undefined,
  at: number,
  p: DistributionReader,
  q: DistributionReader,
  scratch: Float64Array,
): void {
  const [from, to] = member.divergence.name === 'reverse_kl' ? [q, p] : [p, q];
  if (!isMassDifference(total, from, to, scratch)) return;
  addMassDifference(member.massDifferences, (weight ?? 1) * Math.abs(total), at);
}
