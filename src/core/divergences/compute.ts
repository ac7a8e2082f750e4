import { float64s } from '../../memory/small-arrays.ts';
import { type Axes, positionOf } from '../../tensor/axes.ts';
import type { Comparison } from '../comparison.ts';
import { compensatedSum } from '../compensated-sum.ts';
import { addIndex, emptySample, type IndexSample, type SideDiagnostics } from '../diagnostics.ts';
import { createReader, type DistributionReader } from '../distribution-reader.ts';
import { isMassDifference, leaveOut, massDifferenceOf, readBoth } from '../divergence.ts';
import type { KernelOutput } from '../kernel.ts';
import { type Base, unitOf } from '../log-base.ts';
import type { Totals } from '../reductions.ts';
import { weightedSum } from '../weights.ts';
import type { Form } from './forms.ts';
import { kernelFormOf, takeFound } from './found-divergences.ts';
import { isPlainSum, type NamedDivergence, rowOf } from './named-divergence.ts';
import { createPair, type Pair } from './pair.ts';

/** One divergence of all distributions. `terms` is empty unless they were asked for and it is a plain sum of them. */
export type FamilyMember = Totals & {
  readonly divergence: NamedDivergence;
  /** Distributions below 0, the lowest of them, and those that are mostly a difference of masses which are 1 but for rounding. */
  readonly negativeTotals: IndexSample;
  lowest: { readonly value: number; readonly at: number; readonly massDifference: number } | undefined;
  readonly massDifferences: IndexSample & { total: number };
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

export type Family = { readonly members: readonly FamilyMember[]; readonly facts: FamilyFacts };

/** Elements between two checks for a cancellation. */
const checkEvery = 2 ** 13;

/** What is wanted of a comparison. `check` is called between blocks of elements, and may throw to cancel. */
export type FamilyOptions = {
  readonly base: Base;
  readonly asked: readonly NamedDivergence[];
  readonly wantsTerms: boolean;
  /** The output of a kernel for `kernelFormsOf(asked)`, used where it is trusted; undefined where terms are wanted. */
  readonly found?: KernelOutput | undefined;
  readonly check?: (() => void) | undefined;
};

/**
 * Computes several divergences of P from `target` and Q from `input` in one pass: each distribution that is read is normalised once on
 * each side, and each log p - log q is taken once. Results are in nats, or in units of log `base` for the divergences that have a unit.
 * A kernel may have found some of them before; this function defines the results.
 * @throws RequestError ZERO_MASS for every distribution that is read whose logits are all -Infinity or whose counts are all 0
 */
export function computeFamily(comparison: Comparison, { base, asked, wantsTerms, found, check = () => {} }: FamilyOptions): Family {
  const { axes, weights } = comparison;
  const q = createReader('input', comparison);
  const p = createReader('target', comparison);
  const { pair, compare } = createPair(p, q);
  const facts = noFacts(p, q);
  const elements = wantsTerms ? comparison.target.tensor.data.length : 0;
  const computations = asked.map((divergence) => computationOf(divergence, pair, axes, { unit: unitOf(base), elements }));
  const notInKernel = computations.filter(({ member }) => kernelFormOf(member.divergence) === undefined);
  if (found !== undefined) {
    takeFound(
      computations.map(({ member }) => member),
      found,
      unitOf(base),
    );
  }
  const atOnce = Math.ceil(checkEvery / axes.outcomeOffsets.length);
  for (let d = 0; d < axes.distributionOffsets.length; d++) {
    if (d % atOnce === 0) check();
    if (weights?.[d] === 0) {
      for (const { member } of computations) leaveOut(member.perDistribution, member.terms, axes, d);
      continue;
    }
    const left = found?.trusted[d] === 1 ? notInKernel : computations;
    if (left.length === 0) continue;
    readBoth(p, q, d);
    compare();
    recordSupport(facts, pair, axes, d);
    for (const { member, compute } of left) {
      const total = compute(d);
      if (total < 0) recordNegative(member, total, d, p, q, pair.scratch);
      if (rowOf(member.divergence).restsOnMasses && !pair.normalises)
        recordMassDifference(member, total * unitOf(base), d, p, q, pair.scratch);
    }
  }
  const members = computations.map(({ member }) => ({ ...member, sum: weightedSum(member.perDistribution, weights) }));
  return { members, facts };
}

type Computation = { readonly member: FamilyMember; readonly compute: (d: number) => number };

/** @param elements how many terms there are to be; 0 where none are wanted */
function computationOf(
  divergence: NamedDivergence,
  pair: Pair,
  axes: Axes,
  { unit, elements }: { readonly unit: number; readonly elements: number },
): Computation {
  const { parameter } = divergence;
  const { term, summand, total, finish = (sum: number) => sum, hasUnit } = rowOf(divergence);
  const divisor = hasUnit ? unit : 1;
  const perDistribution = float64s(axes.distributionOffsets.length);
  const hasTerms = elements > 0 && isPlainSum(divergence);
  const terms = float64s(hasTerms ? elements : 0);
  const member: FamilyMember = { divergence, perDistribution, terms, sum: 0, ...noMemberFacts() };
  const termOf = term?.(parameter);
  const form = (pair.normalises ? summand : undefined) ?? termOf;
  const sumOf = form === undefined ? () => total?.(parameter, pair, pair.scratch) ?? Number.NaN : () => summed(form, pair);
  const compute = (d: number): number => {
    if (hasTerms && termOf !== undefined) writeTerms(member, termOf, pair, axes, d, divisor);
    perDistribution[d] = finish(sumOf() / divisor);
    return perDistribution[d];
  };
  return { member, compute };
}

function summed(form: Form, pair: Pair, summands = pair.scratch): number {
  for (let k = 0; k < summands.length; k++) summands[k] = form(pair, k);
  return compensatedSum(summands);
}

function writeTerms({ terms, negativeTerms }: FamilyMember, term: Form, pair: Pair, axes: Axes, d: number, divisor: number): void {
  const start = axes.distributionOffsets[d];
  for (let k = 0; k < pair.d.length; k++) {
    const element = start + axes.outcomeOffsets[k];
    terms[element] = term(pair, k) / divisor;
    if (terms[element] < 0) addIndex(negativeTerms, positionOf(axes, d, k));
  }
}

/** Of a divergence of which nothing but its numbers is told. */
export function noMemberFacts() {
  return {
    negativeTotals: emptySample(),
    lowest: undefined,
    massDifferences: { ...emptySample(), total: 0 },
    negativeTerms: emptySample(),
  };
}

function noFacts(p: DistributionReader, q: DistributionReader): FamilyFacts {
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
function recordSupport(facts: FamilyFacts, { p, q, d, logP }: Pair, axes: Axes, at: number): void {
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

function recordNegative(
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
function recordMassDifference(
  member: FamilyMember,
  total: number,
  at: number,
  p: DistributionReader,
  q: DistributionReader,
  scratch: Float64Array,
): void {
  const [from, to] = member.divergence.name === 'reverse_kl' ? [q, p] : [p, q];
  if (!isMassDifference(total, from, to, scratch)) return;
  addIndex(member.massDifferences, at);
  member.massDifferences.total += Math.abs(total);
}
