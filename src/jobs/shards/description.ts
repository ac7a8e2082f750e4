import { ExactSum, lowestBit, roundedFrom } from '../../core/exact-sum.ts';
import { mostLargest } from '../../core/statistics/statistics.ts';

/**
 * What is known of divergences that are not kept one by one. For quantiles they are counted in bins of their float64 bits: by sign,
 * exponent and the first seven digits of the fraction, so that the middle of a bin is within 2⁻⁸ of all that is in it.
 */
export type Description = {
  infinite: number;
  minimum: number;
  maximum: number;
  /** Σ w·D and Σ w·D², exactly. */
  readonly first: ExactSum;
  readonly second: ExactSum;
  /** The largest first, of equals the first. */
  largest: readonly { readonly at: number; readonly value: number }[];
  /** The weight in each bin, in the order of the numbers. */
  readonly bins: Map<number, ExactSum | number>;
};

/** The largest relative error of a quantile. */
export const quantileError = 2 ** -8;

export function emptyDescription(): Description {
  return {
    infinite: 0,
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
    first: new ExactSum(),
    second: new ExactSum(),
    largest: [],
    bins: new Map(),
  };
}

/** Adds the divergence of distribution `at`. @param weight undefined where there are no weights */
export function describe(description: Description, at: number, value: number, weight: number | undefined): void {
  if (value === Number.POSITIVE_INFINITY) description.infinite++;
  description.minimum = Math.min(description.minimum, value);
  description.maximum = Math.max(description.maximum, value);
  description.first.addProduct(weight ?? 1, value);
  description.second.addProduct(weight ?? 1, value, value);
  const { largest } = description;
  if (largest.length < mostLargest || value > largest[mostLargest - 1].value) description.largest = firstTen([...largest, { at, value }]);
  addToBin(description.bins, binOf(value), weight ?? 1, weight === undefined);
}

function firstTen(largest: Description['largest']): Description['largest'] {
  return largest.toSorted((a, b) => (a.value === b.value ? a.at - b.at : a.value > b.value ? -1 : 1)).slice(0, mostLargest);
}

function addToBin(bins: Description['bins'], bin: number, weight: number | ExactSum, isCount: boolean): void {
  const held = bins.get(bin);
  if (isCount) {
    bins.set(bin, ((held as number | undefined) ?? 0) + (weight as number));
    return;
  }
  const sum = (held as ExactSum | undefined) ?? new ExactSum();
  if (typeof weight === 'number') sum.add(weight);
  else sum.merge(weight);
  bins.set(bin, sum);
}

/** Adds what another description holds. */
export function joinDescriptions(one: Description, other: Description): void {
  one.infinite += other.infinite;
  one.minimum = Math.min(one.minimum, other.minimum);
  one.maximum = Math.max(one.maximum, other.maximum);
  one.first.merge(other.first);
  one.second.merge(other.second);
  one.largest = firstTen([...one.largest, ...other.largest]);
  for (const [bin, weight] of other.bins) addToBin(one.bins, bin, weight, typeof weight === 'number');
}

const asNumber = new Float64Array(1);
const asBits = new Int32Array(asNumber.buffer);

/** A number that grows with the value: 13 bits of the upper half are dropped. */
function binOf(value: number): number {
  asNumber[0] = value + 0;
  const upper = asBits[1] >> 13;
  return upper >= 0 ? upper : -(upper & 0x3ffff) - 1;
}

function middleOf(bin: number): number {
  const upper = bin >= 0 ? bin : -bin - 1;
  asBits[0] = 0;
  asBits[1] = (upper << 13) | (1 << 12);
  const size = upper === infinity ? Number.POSITIVE_INFINITY : upper === 0 ? 0 : asNumber[0];
  return bin >= 0 ? size : -size;
}

const infinity = 0x7ff00000 >> 13;

/**
 * The quantiles of what is in the bins, as `statisticsOf` takes them of single divergences, each in the middle of its bin.
 * @param width Σ w² / Σ w, the weight of one of n = (Σ w)² / Σ w² equally weighted divergences
 */
export function binnedQuantiles({ bins, minimum, maximum }: Description, weight: number, width: number): (quantile: number) => number {
  const sorted = [...bins].toSorted(([a], [b]) => a - b);
  return (quantile) => {
    const start = quantile * (weight - width);
    let [total, taken, begin] = [0, 0, 0];
    for (const [bin, held] of sorted) {
      const end = begin + (typeof held === 'number' ? held : held.value());
      const part = Math.min(end, start + width) - Math.max(begin, start);
      if (part > 0) {
        total += part * Math.min(maximum, Math.max(minimum, middleOf(bin)));
        taken += part;
      }
      begin = end;
    }
    return taken === 0 ? maximum : total / taken;
  };
}

/** Exact sums over distributions: of their weights w, and of w². */
export type Weights = { readonly weight: ExactSum; readonly squares: ExactSum };

/**
 * The standard deviation and the standard error of the mean, as `statisticsOf` defines them, from exact sums: rounded once each before
 * their root.
 * @param count how many distributions there are
 */
export function spreadFrom(first: ExactSum, second: ExactSum, { weight, squares }: Weights, count: number) {
  if (count < 2 || !first.isFinite() || !second.isFinite()) return { deviation: null, error: null };
  const [w, w2, x, xx] = [weight.units(), squares.units(), first.units(), second.units()];
  const divisor = w * w - w2 * unit;
  if (divisor === 0n) return { deviation: null, error: null };
  const deviation = rootOfRatio(xx * w - x * x, divisor);
  return { deviation, error: deviation * rootOfRatio(w2 * unit, w * w) };
}

/** Σ w² / Σ w, also where the squares leave float64. */
export function widthOf({ weight, squares }: Weights): number {
  return quotientOf(squares.units(), weight.units());
}

/** The quotient of numbers above 0, with 128 bits or more before it is rounded. */
function quotientOf(numerator: bigint, denominator: bigint): number {
  const shift = Math.max(0, bitsOf(denominator) - bitsOf(numerator) + 136);
  return roundedFrom((numerator << BigInt(shift)) / denominator, -shift);
}

const bitsOf = (value: bigint) => value.toString(16).length * 4;

const unit = 1n << BigInt(-lowestBit);

/** √(numerator / denominator). */
function rootOfRatio(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  // an even shift that leaves 128 bits or more of the quotient
  const shift = Math.ceil((bitsOf(denominator) - bitsOf(numerator) + 136) / 2) * 2;
  const quotient = shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  const [half, exponent] = [roundedFrom(quotient, -136), (136 - shift) / 2];
  return Math.sqrt(half) * 2 ** exponent;
}
