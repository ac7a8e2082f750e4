import type { Comparison } from '../../core/comparison.ts';
import { topOneAgreement } from '../../core/top-one.ts';
import { readAxes } from '../../core/weights.ts';
import { computeKl, computeSeveral } from '../../kernels/compute-divergences.ts';
import type { Axes } from '../../tensor/axes.ts';
import type { Unsure } from '../../tensor/domain.ts';
import { describe } from './description.ts';
import { checkPiece, withPlaces } from './element-faults.ts';
import { joinFacts, type MemberFacts, moveFacts } from './facts.ts';
import { joinLooks, lookAtPiece } from './looks.ts';
import { type ItemPartial, joined, type Rows } from './partial.ts';
import type { PieceNumbers, Work } from './work.ts';

/**
 * Computes some distributions of an item, as the request of the whole item does, and adds them to its partial, and their divergences to
 * `into`, which begins with distribution `into.from`.
 * @throws RequestError the faults of elements, by their index in the whole tensor; ZERO_MASS
 */
export function computePiece(work: Work, piece: PieceNumbers, partial: ItemPartial, into: Rows, check: () => void): void {
  const { item, asked } = work;
  const { from, weights } = piece;
  const comparison = comparisonOf(work, piece);
  const offset = { from, outcomes: item.outcomes };
  const { facts, members, agrees } = withPlaces(work, piece, () => numbersOf(work, comparison, piece, check));
  const first = members[0].perDistribution;
  const looked = {
    operands: { input: comparison.input, target: comparison.target },
    axes: comparison.axes,
    read: readAxes(comparison.axes, weights),
    weights,
    // as for the warnings of several divergences: whether equal sides look like padding is told by their numbers
    perDistribution: asked === undefined ? first : new Float64Array(first.length),
    from,
  };
  partial.facts = joined(partial.facts, moveFacts(facts, offset), joinFacts);
  partial.looks = joined(partial.looks, lookAtPiece(looked, item), joinLooks);
  for (const [index, { perDistribution, facts: ofMember }] of members.entries()) {
    const member = partial.members[index];
    if (ofMember !== undefined) member.facts = joined(member.facts, moveFacts(ofMember, offset), joinFacts);
    into.values[index].set(perDistribution, from - into.from);
    for (let d = 0; d < perDistribution.length; d++) {
      const weight = weights?.[d];
      if (weight === 0) continue;
      // rounded as in the sum of a request
      member.sum.add(weight === undefined ? perDistribution[d] : weight * perDistribution[d]);
      if (member.description !== undefined) describe(member.description, from + d, perDistribution[d], weight);
    }
  }
  if (agrees !== undefined) into.agrees.set(agrees, from - into.from);
  into.weights?.set(weights ?? [], from - into.from);
  countRead(partial, piece, agrees);
}

function countRead(partial: ItemPartial, { rows, weights }: PieceNumbers, agrees: Uint8Array | undefined): void {
  for (let d = 0; d < rows; d++) {
    const weight = weights?.[d] ?? 1;
    if (weight === 0) continue;
    partial.read++;
    partial.weight.add(weight);
    partial.squares.addProduct(weight, weight);
    if (agrees?.[d] === 1) partial.agreed.add(weight);
  }
}

type Numbered = {
  readonly facts: NonNullable<ItemPartial['facts']>;
  readonly members: readonly { readonly perDistribution: Float64Array; readonly facts: MemberFacts | undefined }[];
  readonly agrees: Uint8Array | undefined;
};

function numbersOf(work: Work, comparison: Comparison, piece: PieceNumbers, check: () => void): Numbered {
  const { item, options, asked, wantsStatistics } = work;
  const wanted = { base: options.base, wantsTerms: false, wantsAgreement: wantsStatistics };
  const means = {
    kernel: item.usesKernel ? work.kernel : undefined,
    check,
    checkElements: (unsure?: Unsure) => checkPiece(work, piece, unsure?.trusted),
  };
  const agreement = (found: Uint8Array | undefined) => (wantsStatistics ? (found ?? topOneAgreement(comparison, check)) : undefined);
  if (asked === undefined) {
    const { facts, perDistribution, agrees } = computeKl(comparison, wanted, means);
    return { facts, members: [{ perDistribution, facts: undefined }], agrees: agreement(agrees) };
  }
  const { facts, members, agrees } = computeSeveral(comparison, asked, wanted, means);
  return {
    facts,
    members: members.map(({ perDistribution, negativeTotals, lowest, massDifferences, negativeTerms }) => ({
      perDistribution,
      facts: { negativeTotals, lowest, massDifferences, negativeTerms },
    })),
    agrees: agreement(agrees),
  };
}

function comparisonOf({ item, options, outcomeOffsets }: Work, { rows, input, target, weights }: PieceNumbers): Comparison {
  const { outcomes } = item;
  const distributionOffsets = new Uint32Array(rows);
  for (let d = 0; d < rows; d++) distributionOffsets[d] = d * outcomes;
  const axes: Axes = { dims: [1], shape: [rows], distributionOffsets, outcomeOffsets };
  return {
    input: { tensor: input, kind: options.input_kind },
    target: { tensor: target, kind: options.target_kind },
    axes,
    temperature: options.temperature,
    pseudocount: options.pseudocount,
    weights,
  };
}
