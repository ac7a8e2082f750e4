import { refuse } from '../../errors/request-error.ts';
import { float64s } from '../../memory/small-arrays.ts';
import { distributionAxes } from '../../tensor/axes.ts';
import { computeFamily, type FamilyOptions } from '../divergences/compute-family.ts';
import { rowOf } from '../divergences/named-divergence.ts';
import { unitOf } from '../log-base.ts';
import { quantilesOf } from '../statistics/quantiles.ts';
import type { Counts, Homogeneity } from './homogeneity.ts';
import { localFormOf } from './local-forms.ts';
import { drawCounts, seededRandom } from './random.ts';

/** The ends of a confidence interval; NaN where there is none. */
type Interval = { readonly lower: number; readonly upper: number };

/** How often the observations are drawn anew. */
export const resamples = 1000;

/** Most outcomes of all distributions that are drawn anew, times the divergences that are computed of them: 2 s of work. */
const mostDrawn = 5_000;

/** @throws RequestError TOO_MANY_ELEMENTS for intervals that would take too long */
export function refuseLongIntervals(elements: number, divergences: number): void {
  if (elements * divergences <= mostDrawn) return;
  const most = `a confidence interval takes at most ${mostDrawn} outcomes times divergences, which are drawn anew`;
  throw refuse('TOO_MANY_ELEMENTS', '#/confidence', `${most}; here are ${elements} outcomes and ${divergences} divergences`);
}

/** Outcomes of each side that are drawn at once, in so many samples as have them. */
const drawnAtOnce = 2 ** 12;

/** What intervals are asked for. The same seeds draw the same samples. */
type IntervalOptions = Omit<FamilyOptions, 'wantsTerms'> & {
  readonly confidence: number;
  readonly seeds: readonly number[];
  readonly pseudocount: number;
};

/**
 * Returns a confidence interval for each divergence, by drawing the observations of both sides anew with replacement. From fixed bins that
 * is to draw their counts from a multinomial distribution.
 * @param observed the divergences of the counts themselves
 */
export function bootstrapIntervals(
  counts: Counts,
  { sizes }: Pick<Homogeneity, 'sizes'>,
  observed: readonly number[],
  { confidence, seeds, asked, base, pseudocount, check }: IntervalOptions,
): Interval[] {
  const random = seededRandom(...seeds);
  const outcomes = counts.input.length;
  const values = asked.map(() => float64s(resamples));
  const rows = Math.max(1, Math.floor(drawnAtOnce / outcomes));
  const drawn = { input: float64s(rows * outcomes), target: float64s(rows * outcomes) };
  for (let done = 0; done < resamples; done += rows) {
    check?.();
    const shape = [Math.min(rows, resamples - done), outcomes];
    for (let row = 0; row < shape[0]; row++) {
      const place = (side: Float64Array) => side.subarray(row * outcomes, (row + 1) * outcomes);
      drawCounts(random, sizes.input, counts.input, place(drawn.input));
      drawCounts(random, sizes.target, counts.target, place(drawn.target));
    }
    const operand = (data: Float64Array) => ({ kind: 'counts', tensor: { shape, data } }) as const;
    const comparison = {
      input: operand(drawn.input),
      target: operand(drawn.target),
      axes: distributionAxes(shape, 1),
      temperature: 1,
      pseudocount,
    };
    const { members } = computeFamily(comparison, { asked, base, wantsTerms: false });
    for (const [index, { perDistribution }] of members.entries()) values[index].set(perDistribution, done);
  }
  return asked.map((divergence, index) => {
    const { isDistance, most = () => Number.POSITIVE_INFINITY } = localFormOf(divergence);
    const highest = most(divergence.parameter) / (rowOf(divergence).hasUnit ? unitOf(base) : 1);
    return basicInterval(observed[index], values[index], confidence, { isDistance, highest });
  });
}

/**
 * The basic interval, in which the observed value stands to the true one as the drawn ones stand to it: that takes out the bias, which
 * draws every divergence of samples upwards. It may leave what the divergence can be, and is cut there: that leaves out nothing that is
 * true. Davison and Hinkley 1997, section 5.2.1: doi:10.1017/CBO9780511802843
 *
 * Near 0 the drawn ones lie on one side of the observed one, and its upper end is too low, the more so the fewer outcomes there are. It is
 * at least their upper quantile less their bias.
 */
function basicInterval(
  observed: number,
  drawn: Float64Array,
  confidence: number,
  { isDistance = false, highest }: { readonly isDistance: boolean | undefined; readonly highest: number },
): Interval {
  const scaled = (x: number) => (isDistance ? x * x : x);
  const sorted = drawn.map(scaled).sort();
  const [low, middle, high] = [(1 - confidence) / 2, 0.5, (1 + confidence) / 2].map(quantilesOf(sorted));
  if (!Number.isFinite(high) || !Number.isFinite(observed)) return { lower: Number.NaN, upper: Number.NaN };
  const center = scaled(observed);
  const ends = [2 * center - high, Math.max(2 * center - low, high - (middle - center))];
  const [lower, upper] = ends.map((end) => Math.min(highest, Math.max(0, end)));
  return isDistance ? { lower: Math.sqrt(lower), upper: Math.sqrt(upper) } : { lower, upper };
}
