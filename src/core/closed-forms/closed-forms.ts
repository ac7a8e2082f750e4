import { attempt, together } from '../../errors/fault-list.ts';
import { RequestError } from '../../errors/request-error.ts';
import { float64s } from '../../memory/small-arrays.ts';
import type { Axes } from '../../tensor/axes.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import type { SideName } from '../comparison.ts';
import { compensatedSum } from '../compensated-sum.ts';
import { leaveOut } from '../divergence.ts';
import { type Base, unitOf } from '../log-base.ts';
import type { Totals } from '../reductions.ts';
import { weightedSum } from '../weights.ts';
import { type ParametricKind, type ParametricKindName, parametricKind } from './parametric-kinds.ts';
import { columnsOf, type Side } from './side.ts';

/** Parametric distributions of one kind on both sides, P in `target` and Q in `input`. */
export type ParametricComparison = {
  readonly kind: ParametricKindName;
  readonly sides: Readonly<Record<SideName, Side>>;
  readonly axes: Axes;
  readonly weights?: Numbers | undefined;
};

/** The divergences that have a closed form for every kind: KL in either direction, and the sum of both. */
export const closedDivergences = ['kl', 'reverse_kl', 'jeffreys'] as const;

export type ClosedDivergence = (typeof closedDivergences)[number];

export function isClosed(key: string): key is ClosedDivergence {
  return (closedDivergences as readonly string[]).includes(key);
}

/** What is wanted. `check` is called between blocks of elements, and may throw to cancel. */
type ClosedFormOptions = {
  readonly base: Base;
  readonly wantsTerms: boolean;
  readonly check?: (() => void) | undefined;
};

/** Elements between two checks for a cancellation. */
const checkEvery = 2 ** 13;

/** Fewer elements are added up as soon by their terms. */
const fewElements = 8;

/** Whether KL is a sum over elements that are distributions of their own, so that `none` exists. */
export function hasTerms(kind: ParametricKindName): boolean {
  return 'term' in parametricKind(kind);
}

/**
 * Divergences in their closed form, in nats or in units of log `base`: of each element where elements are distributions of their own, whose
 * sums along `dim` are those of independent ones, and else of what lies along `dim`. A distribution of weight 0 is not read, and NaN. Each
 * direction of KL is computed once, whatever is asked for.
 * @throws RequestError NOT_POSITIVE_DEFINITE
 */
export function closedForms(comparison: ParametricComparison, asked: readonly ClosedDivergence[], options: ClosedFormOptions): Totals[] {
  const { input, target } = comparison.sides;
  const once = (find: () => Totals) => {
    let found: Totals | undefined;
    return () => {
      found ??= find();
      return found;
    };
  };
  const kl = once(() => directed(comparison, target, input, options));
  const reverse = once(() => directed(comparison, input, target, options));
  const ways: Readonly<Record<ClosedDivergence, () => Totals>> = {
    kl,
    reverse_kl: reverse,
    jeffreys: () => added(kl(), reverse(), comparison.weights),
  };
  return asked.map((name) => ways[name]());
}

/** Both directions: neither is negative, so nothing cancels. */
function added(one: Totals, other: Totals, weights: ParametricComparison['weights']): Totals {
  const sums = (a: Float64Array, b: Float64Array) => {
    const into = float64s(a.length);
    for (let i = 0; i < a.length; i++) into[i] = a[i] + b[i];
    return into;
  };
  const perDistribution = sums(one.perDistribution, other.perDistribution);
  return { terms: sums(one.terms, other.terms), perDistribution, sum: weightedSum(perDistribution, weights) };
}

function directed({ kind, axes, weights }: ParametricComparison, p: Side, q: Side, options: ClosedFormOptions): Totals {
  const { wantsTerms, base } = options;
  const row = parametricKind(kind);
  const elements = axes.distributionOffsets.length * axes.outcomeOffsets.length;
  const terms = float64s(wantsTerms && 'term' in row ? elements : 0);
  const perDistribution = float64s(axes.distributionOffsets.length);
  const find = findIn(row, p, q, axes, terms, options);
  const refused: RequestError[] = [];
  const unit = unitOf(base);
  for (let d = 0; d < perDistribution.length; d++) {
    if (weights?.[d] === 0) {
      leaveOut(perDistribution, terms, axes, d);
      continue;
    }
    // only matrices may be refused, and all of them are told
    const found = 'joint' in row ? attempt(() => find(d)) : find(d);
    if (found instanceof RequestError) refused.push(found);
    else perDistribution[d] = found / unit;
  }
  if (refused.length > 0) throw together(...refused);
  return { terms, perDistribution, sum: weightedSum(perDistribution, weights) };
}

/** Finds KL of a distribution in nats, and writes its terms where they are wanted. */
function findIn(
  row: ParametricKind,
  p: Side,
  q: Side,
  axes: Axes,
  terms: Float64Array,
  { base, check = () => {} }: ClosedFormOptions,
): (d: number) => number {
  if ('joint' in row) return row.joint(p, q, { axes, check });
  const { distributionOffsets, outcomeOffsets } = axes;
  const [ofP, ofQ] = [columnsOf(p), columnsOf(q)];
  const term = row.term(ofP, ofQ);
  const sum = terms.length > 0 || outcomeOffsets.length < fewElements ? undefined : row.sum?.(ofP, ofQ);
  const summands = float64s(outcomeOffsets.length);
  const unit = unitOf(base);
  const atOnce = Math.ceil(checkEvery / summands.length);
  return (d) => {
    if (d % atOnce === 0) check();
    const start = distributionOffsets[d];
    if (sum !== undefined) return sum(start, outcomeOffsets, summands);
    for (let k = 0; k < summands.length; k++) {
      summands[k] = term(start + outcomeOffsets[k]);
      if (terms.length > 0) terms[start + outcomeOffsets[k]] = summands[k] / unit;
    }
    return compensatedSum(summands);
  };
}
