import { type Diagnostics, type IndexSample, type MassDifferences, namedPositions, type SideDiagnostics } from '../../core/diagnostics.ts';
import type { FamilyFacts, FamilyMember } from '../../core/divergences/facts.ts';
import { ExactSum } from '../../core/exact-sum.ts';

/** What was noted of the distributions of one side, of both, or of one divergence. */
type Facts = Diagnostics | FamilyFacts | MemberFacts;

export type MemberFacts = Pick<FamilyMember, 'negativeTotals' | 'lowest' | 'massDifferences' | 'negativeTerms'>;

/** Where some distributions lie among all: the number of the first, and how many outcomes each has. */
type Offset = { readonly from: number; readonly outcomes: number };

type Lowest = { readonly value: number; readonly at: number } | undefined;

/** How a fact of some distributions becomes one of all: where it is, and together with the same of others. No order of these matters. */
type Rule<Fact> = { readonly move: (fact: Fact, offset: Offset) => Fact; readonly join: (one: Fact, other: Fact) => Fact };

const ofElements: Rule<IndexSample> = {
  move: (sample, { from, outcomes }) => movedBy(sample, from * outcomes),
  join: joinSamples,
};

const ofDistributions: Rule<IndexSample> = { move: (sample, { from }) => movedBy(sample, from), join: joinSamples };

const differences: Rule<MassDifferences> = {
  move: (found, { from }) => ({ ...movedBy(found, from), total: found.total }),
  join: (one, other) => ({ ...joinSamples(one, other), total: joinSums(one.total, other.total) }),
};

const side: Rule<SideDiagnostics> = {
  move: (facts, { from }) => ({ ...facts, offMass: movedBy(facts.offMass, from), worstAt: facts.worstAt + from }),
  join: (one, other) => {
    const off = ({ worstMass }: SideDiagnostics) => Math.abs(worstMass - 1);
    const isOther = off(other) > off(one) || (off(other) === off(one) && other.worstAt < one.worstAt);
    const { worstMass, worstAt } = isOther ? other : one;
    return { kind: one.kind, offMass: joinSamples(one.offMass, other.offMass), worstMass, worstAt };
  },
};

const lowest: Rule<Lowest> = {
  move: (found, { from }) => found && { ...found, at: found.at + from },
  join: (one, other) => {
    if (one === undefined || other === undefined) return one ?? other;
    return other.value < one.value || (other.value === one.value && other.at < one.at) ? other : one;
  },
};

/** A rule for every fact there is. */
const rules = {
  input: side,
  target: side,
  infiniteTerms: ofElements,
  zeroOverZero: ofElements,
  onlyTarget: ofElements,
  onlyInput: ofElements,
  neither: ofElements,
  negativeTerms: ofElements,
  negativeTotals: ofDistributions,
  disjoint: ofDistributions,
  massDifferences: differences,
  lowestTotal: lowest,
  lowest,
} satisfies Record<keyof Diagnostics | keyof FamilyFacts | keyof MemberFacts, unknown>;

const ruleOf = (name: string) => rules[name as keyof typeof rules] as Rule<unknown>;

/** The facts of some distributions as those of all. */
export function moveFacts<Of extends Facts>(facts: Of, offset: Offset): Of {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, ruleOf(name).move(fact, offset)])) as Of;
}

/** The facts of two sets of distributions. */
export function joinFacts<Of extends Facts>(one: Of, other: Of): Of {
  const names = Object.keys({ ...one, ...other }) as (keyof Of & string)[];
  return Object.fromEntries(names.map((name) => [name, ruleOf(name).join(one[name], other[name])])) as Of;
}

function movedBy({ count, first }: IndexSample, by: number): IndexSample {
  return { count, first: first.map((position) => position + by) };
}

export function joinSamples(one: IndexSample, other: IndexSample): IndexSample {
  const first = [...one.first, ...other.first].toSorted((a, b) => a - b).slice(0, namedPositions);
  return { count: one.count + other.count, first };
}

function joinSums(one: ExactSum | undefined, other: ExactSum | undefined): ExactSum | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const sum = new ExactSum();
  sum.merge(one);
  sum.merge(other);
  return sum;
}
