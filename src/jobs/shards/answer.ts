import { tensorNames } from '../../core/comparison.ts';
import type { Diagnostics } from '../../core/diagnostics.ts';
import { type FamilyFacts, type FamilyMember, noMemberFacts } from '../../core/divergences/facts.ts';
import { selectReductions, type Totals } from '../../core/reductions.ts';
import { selectQuantiles } from '../../core/statistics/statistics.ts';
import { divergencesOf } from '../../kernels/compute-divergences.ts';
import { isPinned } from '../../sources/source.ts';
import { anyAnswer } from '../../tasks/json-response.ts';
import { refuseZeroWeight } from '../../tasks/solve/existing-reductions.ts';
import type { DenseSolution } from '../../tasks/solve/solve.ts';
import { axesOfSize, remainingShape } from '../../tensor/axes.ts';
import { familyWarnings } from '../../warnings/family-warnings.ts';
import { refuseIfStrict } from '../../warnings/strict.ts';
import { warningsFor } from '../../warnings/warnings.ts';
import type { PlannedItem, PlannedOptions } from './job-plan.ts';
import { seenIn } from './looks.ts';
import { type ItemPartial, type Rows, rowsInOrder } from './partial.ts';
import { withStatistics } from './statistics.ts';

/**
 * The answer about one pair of tensors, from what is known of all of its distributions.
 * @throws RequestError ZERO_WEIGHT, STRICT_WARNINGS
 */
export function answerOf(item: PlannedItem, options: PlannedOptions, partial: ItemPartial, roundings: readonly string[]): object {
  const { shape, dims, distributions, outcomes } = item;
  const { facts, looks } = partial;
  if (facts === undefined || looks === undefined) throw new RangeError('no distribution was computed');
  const quantiles = selectQuantiles(options.statistics);
  const reductions = selectReductions(options.reduction);
  const weight = partial.weight.value();
  refuseZeroWeight(weight, reductions, quantiles !== undefined);
  const rest = remainingShape(shape, dims);
  const axes = axesOfSize(dims, rest, distributions, outcomes);
  const tensor = { shape, data: new Float64Array(0), form: 'nested' as const };
  const operands = { input: { tensor, kind: options.input_kind }, target: { tensor, kind: options.target_kind } };
  const about = {
    operands,
    temperature: options.temperature,
    pseudocount: options.pseudocount,
    weights: undefined,
    axes,
    read: axesOfSize(dims, rest, partial.read, outcomes),
    base: options.base,
    reductions,
    shape,
    weight,
    ignored: [],
    ofSamples: false,
    seen: seenIn(looks, item, partial.read),
    roundings,
    unpinned: tensorNames.filter((name) => item[name]?.parts.some(({ pin }) => !isPinned(pin))),
  };
  const rows = item.keepsRows ? rowsInOrder(partial, distributions) : undefined;
  const { first, family, warnings } = numbersOf({ ...partial, facts }, options, rows, about);
  refuseIfStrict(options, warnings);
  const solution: DenseSolution = {
    ...about,
    ...operands,
    pseudocount: options.pseudocount,
    weights: rows?.weights,
    form: 'nested',
    elements: partial.read * outcomes,
    divergence: first,
    family,
    statistics: rows && quantiles && { quantiles, agrees: rows.agrees },
    warnings,
  };
  const answer = anyAnswer(solution);
  return quantiles === undefined || rows !== undefined ? answer : withStatistics(answer, partial, { quantiles, weight, shape: rest });
}

type About = Omit<Parameters<typeof warningsFor>[0], 'facts' | 'perDistribution' | 'sum' | 'noun' | 'evaluate'>;

type Known = ItemPartial & { readonly facts: NonNullable<ItemPartial['facts']> };

/** The totals of each divergence, and the warnings. Nothing is evaluated under another kind: the numbers are not at hand. */
function numbersOf({ members, facts }: Known, options: PlannedOptions, rows: Rows | undefined, about: About) {
  const evaluate = () => [];
  const none = new Float64Array(0);
  const totals = members.map(({ sum }, index): Totals => ({ terms: none, perDistribution: rows?.values[index] ?? none, sum: sum.value() }));
  if (options.divergences === undefined) {
    const warnings = warningsFor({ ...about, ...totals[0], facts: facts as Diagnostics, noun: 'KL divergence', evaluate });
    return { first: totals[0], family: undefined, warnings };
  }
  const family = divergencesOf(options).map((divergence, index): FamilyMember => {
    return { ...noMemberFacts(), ...members[index].facts, ...totals[index], divergence };
  });
  const warnings = familyWarnings({ ...about, noun: 'divergence', evaluate }, { members: family, facts: facts as FamilyFacts });
  return { first: family[0], family, warnings };
}
