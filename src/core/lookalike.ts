import { float64s } from '../memory/small-arrays.ts';
import { type Axes, distributionAxes, offsetsIn } from '../tensor/axes.ts';
import { elementCount, elementOf, type Numbers, type Tensor } from '../tensor/tensor.ts';
import { massTolerance } from './diagnostics.ts';
import type { KindName } from './kinds.ts';
import { isConstant, type Shares, sharesAlong } from './shares.ts';

/** What numbers look like that were declared to be something else. */
export type Lookalike = {
  readonly what: 'probs' | 'percentages' | 'counts';
  /** The kind to send them as, which is `counts` where probabilities have been rounded, and the axes that their distributions lie along. */
  readonly kind: KindName;
  readonly axes: Axes;
  /**
   * Which distributions look so. The others are one number throughout, or, among counts, small. None where all numbers are whole and
   * nothing else tells them from logits: then they are counts if the other side has counts.
   */
  readonly distributions: readonly number[];
  /** -log2 of the chance that arbitrary numbers would look so; 0 where no distribution does. */
  readonly bits: number;
  readonly isDecimal: boolean;
  /** Whether counts are told by the datatype alone. */
  readonly isInteger?: boolean | undefined;
};

/**
 * What a tensor of logarithms looks like if not like logarithms: probabilities along its own axes or along others, percentages, or counts.
 * Logarithms end the search at their first negative number or fraction.
 * @param isInteger whether the datatype of the tensor holds whole numbers only: then they are counts, unless one is negative
 */
export function lookalikeOf(tensor: Tensor<Numbers>, axes: Axes, isInteger = false): Lookalike | undefined {
  if (areLogarithms(tensor, axes)) return undefined;
  const { shape, data } = tensor;
  const probabilities = sharesAlong(data, axes, 1);
  if (probabilities !== undefined) return { what: 'probs', kind: kindOfShares(probabilities), axes, ...probabilities };
  const percentages = sharesAlong(data, axes, 100);
  if (percentages !== undefined) return { what: 'percentages', kind: 'counts', axes, ...percentages };
  const elsewhere = sharesOnOtherAxes({ shape, data }, axes);
  if (elsewhere !== undefined) return { what: 'probs', kind: kindOfShares(elsewhere), ...elsewhere };
  const peaks = peaksOf(data, axes, isInteger);
  if (peaks === undefined) return undefined;
  const distributions = peaks.peaked.length >= peaks.flat ? peaks.peaked : [];
  return { what: 'counts', kind: 'counts', axes, distributions, bits: bitsOfCounts(distributions), isDecimal: false, isInteger };
}

/** Whether the first distribution has a negative number and is not one number throughout: neither masses nor padding are so. */
export function areLogarithms(tensor: Tensor<Numbers>, axes: Axes): boolean {
  const [start] = axes.distributionOffsets;
  const steps = offsetsIn(axes, 0);
  const first = elementOf(tensor, start + steps[0]);
  let isNegative = false;
  let areEqual = true;
  for (let k = 0; k < steps.length && (!isNegative || areEqual); k++) {
    const value = elementOf(tensor, start + steps[k]);
    isNegative ||= value < 0;
    areEqual &&= value === first;
  }
  return isNegative && !areEqual;
}

/** Rounded probabilities are divided by their sum as counts are; as they stand they would not be normalised. */
export function kindOfShares({ farthest }: Pick<Shares, 'farthest'>): KindName {
  return farthest > massTolerance ? 'counts' : 'probs';
}

/** Axes are searched together up to this many: three, as of height, width and channels. */
const mostTogether = 3;

/**
 * The axes other than those of `axes` along which all masses are shares of 1; undefined where none or several sets of axes do. Only axes
 * with several outcomes count. Elements of distributions that `axes` leaves out have no mass.
 */
export function sharesOnOtherAxes(
  { shape, data: all }: Tensor<Numbers>,
  { dims, distributionOffsets, outcomeOffsets, rows }: Axes,
): (Shares & { readonly axes: Axes }) | undefined {
  // in rows of different outcomes nothing lies along another axis
  if (rows !== undefined) return undefined;
  let sum = 0;
  for (const start of distributionOffsets) {
    for (let k = 0; k < outcomeOffsets.length; k++) {
      const mass = all[start + outcomeOffsets[k]];
      if (!(mass >= 0 && mass <= 1)) return undefined;
      sum += mass;
    }
  }
  const isWhole = distributionOffsets.length * outcomeOffsets.length === all.length;
  const data = isWhole ? all : withoutOthers(all, distributionOffsets, outcomeOffsets);
  let found: (Shares & { readonly axes: Axes }) | undefined;
  for (const candidate of setsOfAxes(shape)) {
    const distributions = data.length / elementCount(candidate.map((axis) => shape[axis]));
    const isGiven = hasSameOutcomes(candidate, dims, shape);
    if (isGiven || Math.abs(sum / distributions - 1) > 0.05) continue;
    const axes = distributionAxes(shape, candidate);
    const shares = sharesAlong(data, axes, 1);
    if (shares === undefined) continue;
    if (found !== undefined) return undefined;
    found = { ...shares, axes };
  }
  return found;
}

/**
 * Whether the first or the last distribution along other axes than those of `axes` sums to about 1 under exp. Log-probabilities that are
 * normalised there have such a one unless both are padding, and most other numbers end the search here.
 */
export function mayBeLogProbsOnOtherAxes(tensor: Tensor<Numbers>, { dims }: Axes): boolean {
  const { shape } = tensor;
  return setsOfAxes(shape).some((candidate) => {
    if (hasSameOutcomes(candidate, dims, shape)) return false;
    const { distributionOffsets, outcomeOffsets } = distributionAxes(shape, candidate);
    return [0, distributionOffsets.length - 1].some((d) => {
      let mass = 0;
      for (let k = 0; k < outcomeOffsets.length && mass < 1.05; k++)
        mass += Math.exp(elementOf(tensor, distributionOffsets[d] + outcomeOffsets[k]));
      return Math.abs(mass - 1) < 0.05;
    });
  });
}

/** The masses of some distributions, and 0 elsewhere. */
function withoutOthers(masses: Numbers, starts: Uint32Array, steps: Uint32Array): Numbers {
  const kept = float64s(masses.length);
  for (const start of starts) for (let k = 0; k < steps.length; k++) kept[start + steps[k]] = masses[start + steps[k]];
  return kept;
}

/** Whether two sets of axes differ at most by axes of size 1. */
function hasSameOutcomes(candidate: readonly number[], dims: readonly number[], shape: readonly number[]): boolean {
  const several = dims.filter((axis) => shape[axis] > 1);
  return several.length === candidate.length && candidate.every((axis) => several.includes(axis));
}

function setsOfAxes(shape: readonly number[]): number[][] {
  let sets: number[][] = [[]];
  for (const [axis, size] of shape.entries()) {
    if (size > 1) sets = [...sets, ...sets.filter((set) => set.length < mostTogether).map((set) => [...set, axis])];
  }
  return sets.filter((set) => set.length > 0);
}

/** So far below the largest, a logit has no weight in its softmax that float32 could show. */
const negligible = 20;

/** Of whole numbers from 0 on: the distributions that look like counts, and how many others are not constant. */
type Peaks<Of = readonly number[]> = { readonly peaked: Of; readonly flat: number };

/**
 * Looks for counts: a softmax keeps next to nothing but the largest of them nearly always, and of logits seldom. Numbers of an integer
 * datatype look so unless all are equal. Undefined where a number is no count.
 */
export function peaksOf(data: Numbers, axes: Axes, isInteger = false): Peaks | undefined {
  if (axes.outcomeOffsets.length === 1) return undefined;
  const peaked: number[] = [];
  let flat = 0;
  for (const [d, start] of axes.distributionOffsets.entries()) {
    const steps = offsetsIn(axes, d);
    const lead = leadOfLargest(data, start, steps);
    if (lead === undefined) return undefined;
    if (lead >= negligible || (isInteger && !isConstant(data, start, steps))) peaked.push(d);
    else if (!isConstant(data, start, steps)) flat++;
  }
  return { peaked, flat };
}

/** Whole numbers are counts for sure where a distribution looks so, and by themselves not at all. */
export function bitsOfCounts({ length }: { readonly length: number }): number {
  return length > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** How far the largest count is above the second, or above most of the others if that is more; undefined where a number is no count. */
function leadOfLargest(data: Numbers, start: number, steps: Uint32Array): number | undefined {
  let largest = 0;
  let second = 0;
  for (let k = 0; k < steps.length; k++) {
    const value = data[start + steps[k]];
    if (!(value >= 0 && Number.isInteger(value))) return undefined;
    second = Math.max(second, Math.min(largest, value));
    largest = Math.max(largest, value);
  }
  let below = 0;
  for (let k = 0; k < steps.length; k++) if (data[start + steps[k]] <= largest - negligible) below++;
  return below > steps.length / 2 ? Math.max(negligible, largest - second) : largest - second;
}
