import { float64s } from '../../memory/small-arrays.ts';
import { type Axes, positionOf } from '../../tensor/axes.ts';
import type { Comparison } from '../comparison.ts';
import { compensatedSum } from '../compensated-sum.ts';
import { addIndex } from '../diagnostics.ts';
import { createReader } from '../distribution-reader.ts';
import { leaveOut, readBoth } from '../divergence.ts';
import type { KernelOutput } from '../kernel.ts';
import { type Base, unitOf } from '../log-base.ts';
import { weightedSum } from '../weights.ts';
import {
  type FamilyFacts,
  type FamilyMember,
  noFacts,
  noMemberFacts,
  recordMassDifference,
  recordNegative,
  recordSupport,
} from './facts.ts';
import type { Form } from './forms.ts';
import { kernelFormOf, takeFound } from './found-divergences.ts';
import { isPlainSum, type NamedDivergence, rowOf } from './named-divergence.ts';
import { createPair, type Pair } from './pair.ts';

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
  const { pair, compare } = createPair(p, q, axes.outcomeOffsets.length);
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
      if (rowOf(member.divergence).restsOnMasses && !pair.normalizes)
        recordMassDifference(member, total * unitOf(base), weights?.[d], d, p, q, pair.scratch);
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
  const form = (pair.normalizes ? summand : undefined) ?? termOf;
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
