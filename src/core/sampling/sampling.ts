import { float64s } from '../../memory/small-arrays.ts';
import { offsetsIn, outcomesIn } from '../../tensor/axes.ts';
import { type Comparison, type SideName, sideNames } from '../comparison.ts';
import { addIndex, emptySample, type IndexSample } from '../diagnostics.ts';
import { type NamedDivergence, rowOf } from '../divergences/named-divergence.ts';
import { type Base, unitOf } from '../log-base.ts';
import { chanceOf, spreadOf } from './chance.ts';
import { testHomogeneity } from './homogeneity.ts';
import { bootstrapIntervals } from './interval.ts';

/** What sampling makes of one divergence, for each distribution; NaN where it is not read. */
export type SampledDivergence = {
  readonly divergence: NamedDivergence;
  /** Absent where the divergence is not asymptotically chi-square. */
  readonly expected?: Float64Array | undefined;
  readonly bound?: Float64Array | undefined;
  /** Distributions whose divergence does not exceed `bound`. */
  readonly within: IndexSample;
  /** Absent where no interval was asked for. */
  readonly lower?: Float64Array | undefined;
  readonly upper?: Float64Array | undefined;
};

/** What sampling makes of the divergences of two tensors of counts. */
export type Sampling = {
  readonly sizes: Readonly<Record<SideName, Float64Array>>;
  readonly pValues: Float64Array;
  /** Distributions with so few observations that the chi-square distribution does not hold. */
  readonly small: IndexSample;
  readonly members: readonly SampledDivergence[];
  readonly interval?: IntervalRequest | undefined;
};

/** How sure a confidence interval is to be, and the seed of its random numbers. */
type IntervalRequest = { readonly confidence: number; readonly seed: number };

type Computed = { readonly divergence: NamedDivergence; readonly perDistribution: Float64Array };

type Options = {
  readonly base: Base;
  readonly interval?: IntervalRequest | undefined;
  readonly check?: (() => void) | undefined;
};

/**
 * Finds what chance alone makes of divergences that were computed from counts, each distribution on its own.
 * @param comparison of whole numbers of the kind `counts` on both sides
 */
export function sampledDivergences(comparison: Comparison, computed: readonly Computed[], { base, interval, check }: Options): Sampling {
  const { axes, weights, pseudocount } = comparison;
  const distributions = axes.distributionOffsets.length;
  const outcomes = axes.outcomeOffsets.length;
  const numbers = () => float64s(distributions).fill(Number.NaN);
  const sampling = { sizes: { input: numbers(), target: numbers() }, pValues: numbers(), small: emptySample(), interval };
  const members = computed.map(({ divergence }) => ({
    divergence,
    ...(chanceOf(divergence, 0, 0, 1) === undefined ? {} : { expected: numbers(), bound: numbers() }),
    ...(interval === undefined ? {} : { lower: numbers(), upper: numbers() }),
    within: emptySample(),
  }));
  const longest = { input: float64s(outcomes), target: float64s(outcomes) };
  for (let d = 0; d < distributions; d++) {
    check?.();
    if (weights?.[d] === 0) continue;
    const size = outcomesIn(axes, d);
    const counts = { input: longest.input.subarray(0, size), target: longest.target.subarray(0, size) };
    for (const name of sideNames) gather(comparison, name, d, counts[name]);
    const test = testHomogeneity(counts);
    for (const name of sideNames) sampling.sizes[name][d] = test.sizes[name];
    sampling.pValues[d] = test.pValue;
    if (test.isSmall) addIndex(sampling.small, d);
    const observed = computed.map(({ perDistribution }) => perDistribution[d]);
    const spread = spreadOf(counts, test, pseudocount);
    for (const [index, member] of members.entries()) setChance(member, d, observed[index], spread, test.degrees, base);
    if (interval === undefined) continue;
    const { confidence, seed } = interval;
    const options = { confidence, seeds: [seed, d], base, asked: computed.map(({ divergence }) => divergence), pseudocount, check };
    for (const [index, { lower, upper }] of bootstrapIntervals(counts, test, observed, options).entries()) {
      members[index].lower?.fill(lower, d, d + 1);
      members[index].upper?.fill(upper, d, d + 1);
    }
  }
  return { ...sampling, members };
}

function setChance(
  { divergence, expected, bound, within }: SampledDivergence,
  d: number,
  observed: number,
  spread: number,
  degrees: number,
  base: Base,
): void {
  const chance = chanceOf(divergence, spread, degrees, rowOf(divergence).hasUnit ? unitOf(base) : 1);
  if (chance === undefined || expected === undefined || bound === undefined) return;
  expected[d] = chance.expected;
  bound[d] = chance.exceededOnceInTwenty;
  if (degrees > 0 && observed <= bound[d]) addIndex(within, d);
}

function gather(comparison: Comparison, name: SideName, d: number, counts: Float64Array): void {
  const start = comparison.axes.distributionOffsets[d];
  const steps = offsetsIn(comparison.axes, d);
  const { data } = comparison[name].tensor;
  for (let k = 0; k < counts.length; k++) counts[k] = data[start + steps[k]];
}
