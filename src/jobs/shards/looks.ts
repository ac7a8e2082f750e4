import { type SideName, sideNames } from '../../core/comparison.ts';
import { addIndex, emptySample, type IndexSample } from '../../core/diagnostics.ts';
import { type KindName, kinds } from '../../core/kinds.ts';
import { areLogarithms, bitsOfCounts, kindOfShares, peaksOf } from '../../core/lookalike.ts';
import { type Digits, digitsOf, shareFactsOf, sharesFrom } from '../../core/shares.ts';
import type { Axes } from '../../tensor/axes.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import { isLookedAt, paddingTest } from '../../warnings/padding.ts';
import { lookAt, mostlyOdd, type OddNumbers, positionsLookedAt } from '../../warnings/suspicious-bytes.ts';
import type { LooksLike, Seen, WarningContext } from '../../warnings/warning.ts';
import { joinSamples } from './facts.ts';
import type { PlannedItem } from './job-plan.ts';

/** What the numbers of some distributions look like, as the warnings of a request look at all of them. */
export type Looks = {
  readonly sides: Readonly<Record<SideName, SideLooks>>;
  /** Distributions that look like padding, and whether one of those is among them that are looked at first. */
  readonly padded: IndexSample;
  readonly isPadded: boolean;
};

type SideLooks = {
  readonly odd: OddNumbers;
  /** Of sides of logarithms: whether all distributions so far look like something else; null where one does not. */
  readonly probs: Shared | null;
  readonly percentages: Shared | null;
  readonly counts: { readonly peaked: number; readonly flat: number; readonly isInteger?: boolean | undefined } | null;
};

/** How many distributions are shares of a whole, how far off the farthest is, and their digits. */
type Shared = { readonly count: number; readonly worst: number } & Digits;

/** Distributions of an item, those from `from` on, with the divergences of the first that was asked for. */
type DistributionsAtHand = Pick<WarningContext, 'operands' | 'axes' | 'read' | 'weights' | 'perDistribution'> & { readonly from: number };

/** Where some distributions are not read, more numbers are looked at, so that enough of them are read. */
const mostLookedAt = { ofAll: 2 ** 6, ofSome: 2 ** 10 };

/** Looks at distributions of an item. */
export function lookAtPiece(piece: DistributionsAtHand, item: PlannedItem): Looks {
  const { operands, axes, read, weights, from } = piece;
  const { distributions, outcomes } = item;
  const isPadding = paddingTest(piece);
  const padded = emptySample();
  let isPadded = false;
  for (let d = 0; d < axes.distributionOffsets.length; d++) {
    if (!isPadding(d)) continue;
    addIndex(padded, from + d);
    isPadded ||= isLookedAt(from + d, distributions);
  }
  const positions = positionsLookedAt(distributions * outcomes, item.weights === undefined ? mostLookedAt.ofAll : mostLookedAt.ofSome);
  const first = from * outcomes;
  const here = positions.map((position) => position - first).filter((at) => at >= 0 && at < axes.distributionOffsets.length * outcomes);
  const sideOf = (name: SideName): SideLooks => {
    const { tensor, kind } = operands[name];
    const odd: OddNumbers = { seen: 0, count: 0, first: undefined };
    for (const at of here) if (weights?.[Math.floor(at / outcomes)] !== 0) lookAt(tensor, at, first + at, odd);
    return { odd, ...otherKinds(tensor, kind, read) };
  };
  return { sides: { input: sideOf('input'), target: sideOf('target') }, padded, isPadded };
}

function otherKinds(tensor: Tensor<Numbers>, kind: KindName, read: Axes): Omit<SideLooks, 'odd'> {
  if (kinds[kind].scale !== 'log' || areLogarithms(tensor, read)) return { probs: null, percentages: null, counts: null };
  const { data, isInteger } = tensor;
  const peaks = peaksOf(data, read, isInteger);
  return {
    probs: sharedOf(data, read, 1),
    percentages: sharedOf(data, read, 100),
    counts: peaks === undefined ? null : { peaked: peaks.peaked.length, flat: peaks.flat, isInteger },
  };
}

function sharedOf(data: Numbers, read: Axes, whole: number): Shared | null {
  const facts = shareFactsOf(data, read, whole);
  if (facts === undefined) return null;
  return { count: facts.distributions.length, worst: facts.worst, ...digitsOf(data, facts.distributions, read) };
}

/** What two sets of distributions look like. */
export function joinLooks(one: Looks, other: Looks): Looks {
  const sides = Object.fromEntries(sideNames.map((name) => [name, joinSides(one.sides[name], other.sides[name])]));
  return {
    sides: sides as Looks['sides'],
    padded: joinSamples(one.padded, other.padded),
    isPadded: one.isPadded || other.isPadded,
  };
}

function joinSides(one: SideLooks, other: SideLooks): SideLooks {
  const firsts = [one.odd.first, other.odd.first].filter((first) => first !== undefined).toSorted((a, b) => a.at - b.at);
  return {
    odd: { seen: one.odd.seen + other.odd.seen, count: one.odd.count + other.odd.count, first: firsts[0] },
    probs: both(one.probs, other.probs, joinShared),
    percentages: both(one.percentages, other.percentages, joinShared),
    counts: both(one.counts, other.counts, (a, b) => ({ ...a, peaked: a.peaked + b.peaked, flat: a.flat + b.flat })),
  };
}

function both<Of>(one: Of | null, other: Of | null, join: (one: Of, other: Of) => Of): Of | null {
  return one === null || other === null ? null : join(one, other);
}

function joinShared(one: Shared, other: Shared): Shared {
  return {
    count: one.count + other.count,
    worst: Math.max(one.worst, other.worst),
    decimals: Math.max(one.decimals, other.decimals),
    isFloat16: one.isFloat16 && other.isFloat16,
    isBfloat16: one.isBfloat16 && other.isBfloat16,
  };
}

/** What the warnings are told of all distributions. */
export function seenIn({ sides, padded, isPadded }: Looks, item: PlannedItem, read: number): Seen {
  const found = <Of>(of: (side: SideLooks) => Of | undefined) =>
    Object.fromEntries(sideNames.map((name) => [name, of(sides[name])] as const).filter(([, one]) => one !== undefined));
  return {
    odd: found(({ odd }) => mostlyOdd(odd)),
    lookalikes: found((side) => lookalike(side, item, read)),
    padded: isPadded ? padded : emptySample(),
  };
}

/** As `lookalikeOf` of the tensor, along the axes of its distributions. */
function lookalike({ probs, percentages, counts }: SideLooks, { dims, outcomes }: PlannedItem, total: number): LooksLike | undefined {
  const looks = (what: LooksLike['what'], kind: KindName, found: { length: number; bits: number; isDecimal: boolean }): LooksLike => {
    return { what, kind, bits: found.bits, isDecimal: found.isDecimal, dims, count: found.length, total };
  };
  const ofProbs = probs && sharesFrom({ distributions: { length: probs.count }, worst: probs.worst }, outcomes, 1, () => probs);
  if (ofProbs) return looks('probs', kindOfShares(ofProbs), { ...ofProbs, ...ofProbs.distributions });
  const ofPercent =
    percentages && sharesFrom({ distributions: { length: percentages.count }, worst: percentages.worst }, outcomes, 100, () => percentages);
  if (ofPercent) return looks('percentages', 'counts', { ...ofPercent, ...ofPercent.distributions });
  if (counts === null) return undefined;
  const length = counts.peaked >= counts.flat ? counts.peaked : 0;
  return { ...looks('counts', 'counts', { length, bits: bitsOfCounts({ length }), isDecimal: false }), isInteger: counts.isInteger };
}
