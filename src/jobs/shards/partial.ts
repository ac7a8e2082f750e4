import type { Diagnostics } from '../../core/diagnostics.ts';
import type { FamilyFacts } from '../../core/divergences/facts.ts';
import { ExactSum } from '../../core/exact-sum.ts';
import { type Description, emptyDescription, joinDescriptions, type Weights } from './description.ts';
import { joinFacts, type MemberFacts } from './facts.ts';
import { joinLooks, type Looks } from './looks.ts';

/** What a shard says: of each item that it has distributions of, what all of them together need of these. */
export type Partial = {
  readonly shard: number;
  /** How the machine rounds that has computed it. */
  readonly rounding: string;
  readonly items: readonly ItemPartial[];
};

export type ItemPartial = Weights & {
  readonly item: number;
  /** How many distributions were read. */
  read: number;
  /** Undefined until a distribution is read. */
  facts: Diagnostics | FamilyFacts | undefined;
  looks: Looks | undefined;
  /** One for each divergence. */
  readonly members: readonly MemberPartial[];
  /** The weight of the distributions whose sides have one most likely outcome. */
  readonly agreed: ExactSum;
  /** Distributions one by one, where they are kept. */
  readonly rows: readonly Rows[];
};

type MemberPartial = {
  readonly sum: ExactSum;
  /** Of one of several divergences. */
  facts: MemberFacts | undefined;
  /** Where it is asked for, and distributions are not kept. */
  readonly description: Description | undefined;
};

/** Distributions from `from` on: their divergences, whether the most likely outcomes agree, and their weights, where there are any. */
export type Rows = {
  readonly from: number;
  readonly values: readonly Float64Array[];
  readonly agrees: Uint8Array;
  readonly weights: Float64Array | undefined;
};

export function emptyItem(item: number, members: number, isDescribed: boolean): ItemPartial {
  return {
    item,
    read: 0,
    weight: new ExactSum(),
    squares: new ExactSum(),
    facts: undefined,
    looks: undefined,
    members: Array.from({ length: members }, () => ({
      sum: new ExactSum(),
      facts: undefined,
      description: isDescribed ? emptyDescription() : undefined,
    })),
    agreed: new ExactSum(),
    rows: [],
  };
}

/** Adds what another partial says of the same item. Whichever comes first, the result is the same. */
export function joinItems(one: ItemPartial, other: ItemPartial): ItemPartial {
  one.weight.merge(other.weight);
  one.squares.merge(other.squares);
  one.agreed.merge(other.agreed);
  for (const [index, member] of one.members.entries()) {
    const { sum, facts, description } = other.members[index];
    member.sum.merge(sum);
    member.facts = joined(member.facts, facts, joinFacts);
    if (member.description !== undefined && description !== undefined) joinDescriptions(member.description, description);
  }
  return {
    ...one,
    read: one.read + other.read,
    facts: joined(one.facts, other.facts, joinFacts),
    looks: joined(one.looks, other.looks, joinLooks),
    rows: [...one.rows, ...other.rows],
  };
}

export function joined<Of>(one: Of | undefined, other: Of | undefined, join: (one: Of, other: Of) => Of): Of | undefined {
  return one === undefined || other === undefined ? (one ?? other) : join(one, other);
}

/** The distributions of all shards, each at its place. */
export function rowsInOrder({ rows, members }: ItemPartial, distributions: number): Rows {
  const all: Rows = {
    from: 0,
    values: members.map(() => new Float64Array(distributions)),
    agrees: new Uint8Array(distributions),
    weights: rows[0].weights && new Float64Array(distributions),
  };
  for (const { from, values, agrees, weights } of rows) {
    for (const [index, value] of values.entries()) all.values[index].set(value, from);
    all.agrees.set(agrees, from);
    all.weights?.set(weights ?? [], from);
  }
  return all;
}
