import { type Axes, offsetsIn } from '../tensor/axes.ts';
import type { Numbers } from '../tensor/tensor.ts';

/** Distributions whose numbers are shares of a whole, and how surely no other numbers would be so by chance. */
export type Shares = {
  /** Which of the distributions. */
  readonly distributions: readonly number[];
  /** How far from the whole the farthest sum is, divided by the whole. */
  readonly farthest: number;
  /** -log2 of the chance that arbitrary numbers would lie and sum as these do. */
  readonly bits: number;
  /** Whether the sums are 1 only within the rounding to some decimals. */
  readonly isDecimal: boolean;
};

/** How far from 1 a sum of float32 shares may be; the error of a float32 softmax over n classes grows with √n. */
const tolerance = 1e-6;

/** Sums that are farther from the whole are no sums of shares, however the shares were rounded. */
const mostOff = 0.05;

/** From so many outcomes on, sums of shares of 1 may lack or exceed this: most of them may have been rounded to 0. */
const many = { outcomes: 100, off: 0.5 };

function mostOffOf(outcomes: number, whole: number): number {
  return whole === 1 && outcomes >= many.outcomes ? many.off : mostOff;
}

/** The sign of a number tells 1 bit; more of them than this add nothing. */
const mostSigns = 24;

/**
 * Whether all distributions are shares of `whole` (1, or 100 for percentages), but for rows of one number throughout, which may be
 * padding. The sums may be off by what the rounding to float32, to half precision or to 2 to 5 decimals explains. Ends at the first
 * distribution that is something else.
 */
export function sharesAlong(data: Numbers, axes: Axes, whole: number): Shares | undefined {
  const seen = shareFactsOf(data, axes, whole);
  return seen && sharesFrom(seen, axes.outcomeOffsets.length, whole, () => digitsOf(data, seen.distributions, axes));
}

/** Which of some distributions are shares of a whole, and how far from it the farthest sum is, divided by the whole. */
type ShareFacts = { readonly distributions: readonly number[]; readonly worst: number };

/**
 * Returns the distributions whose sums are near the whole, which `sharesFrom` compares with what rounding explains. Undefined where a
 * distribution is neither that nor constant.
 */
export function shareFactsOf(data: Numbers, axes: Axes, whole: number): ShareFacts | undefined {
  if (axes.outcomeOffsets.length === 1) return undefined;
  const distributions: number[] = [];
  const most = mostOffOf(axes.outcomeOffsets.length, whole);
  let worst = 0;
  for (const [d, start] of axes.distributionOffsets.entries()) {
    const off = distanceFromWhole(data, start, offsetsIn(axes, d), whole);
    if (off <= most) {
      distributions.push(d);
      worst = Math.max(worst, off);
    } else if (!isConstant(data, start, offsetsIn(axes, d))) return undefined;
  }
  return { distributions, worst };
}

/**
 * Returns the shares that `shareFactsOf` has found; undefined where their sums are farther from the whole than rounding explains.
 * @param n how many outcomes a distribution has
 * @param digits those of all numbers of the distributions
 */
export function sharesFrom<Of extends { readonly length: number }>(
  { distributions, worst }: { readonly distributions: Of; readonly worst: number },
  n: number,
  whole: number,
  digits: () => Digits,
) {
  if (distributions.length === 0) return undefined;
  const exact = tolerance * Math.sqrt(n);
  const rounding = worst <= exact ? { allowed: exact, isDecimal: false } : roundingOf(digits(), n, whole, worst);
  if (worst > rounding.allowed) return undefined;
  const bits = distributions.length * (Math.min(n, mostSigns) - Math.log2(2 * rounding.allowed));
  return { distributions, farthest: worst, bits, isDecimal: rounding.isDecimal };
}

/** |Σ / whole - 1|, or Infinity where a number lies outside of [0, whole]. */
function distanceFromWhole(data: Numbers, start: number, steps: Uint32Array, whole: number): number {
  const highest = whole * (1 + tolerance);
  let sum = 0;
  for (let k = 0; k < steps.length; k++) {
    const value = data[start + steps[k]];
    if (!(value >= 0 && value <= highest)) return Number.POSITIVE_INFINITY;
    sum += value;
  }
  return Math.abs(sum / whole - 1);
}

/** Whether a distribution has one number throughout. */
export function isConstant(data: Numbers, start: number, steps: Uint32Array): boolean {
  for (let k = 1; k < steps.length; k++) if (data[start + steps[k]] !== data[start + steps[0]]) return false;
  return true;
}

/** How numbers were rounded, as their last digits tell: to how many decimals, 6 for more than 5, and to which formats of 16 bits. */
export type Digits = { readonly decimals: number; readonly isFloat16: boolean; readonly isBfloat16: boolean };

/** The digits of the numbers of some distributions. */
export function digitsOf(data: Numbers, distributions: readonly number[], axes: Axes): Digits {
  let decimals = 0;
  let isFloat16 = true;
  let isBfloat16 = true;
  for (const d of distributions) {
    const start = axes.distributionOffsets[d];
    const steps = offsetsIn(axes, d);
    for (let k = 0; k < steps.length; k++) {
      const value = data[start + steps[k]];
      decimals = Math.max(decimals, decimalsOf(value));
      isFloat16 &&= Math.f16round(value) === value;
      isBfloat16 &&= toBfloat16(value) === value;
    }
  }
  return { decimals, isFloat16, isBfloat16 };
}

/** How far the sums of rounded shares may be from the whole, where the farthest is `worst` from it. */
function roundingOf({ decimals, isFloat16, isBfloat16 }: Digits, n: number, whole: number, worst: number) {
  // most sums are within half of what their shares may be off by: half a unit of the last place each, which is 2⁻²⁵ in float16 below 2⁻¹⁴.
  // Beyond, the sum that all were divided by may have been rounded too. Most bfloat16 are float16 as well
  const ofMost = isBfloat16 ? 2 ** -9 : isFloat16 ? 2 ** -12 + n * 2 ** -26 : 0;
  const ofHalf = worst <= ofMost ? ofMost : 4 * ofMost;
  const ofDecimals = decimals <= mostDecimals ? (0.499 * n * 10 ** -decimals) / whole : 0;
  const allowed = Math.max(Math.min(mostOff, ofHalf), Math.min(mostOffOf(n, whole), ofDecimals));
  return { allowed, isDecimal: ofDecimals > ofHalf };
}

const mostDecimals = 5;

/** The number of decimals of a number that was rounded, up to 5; 6 for more. */
function decimalsOf(value: number): number {
  for (let decimals = 0; decimals <= mostDecimals; decimals++) {
    const scaled = value * 10 ** decimals;
    // float32 holds seven digits
    if (Math.abs(scaled - Math.round(scaled)) <= 1e-7 * Math.max(1, scaled)) return decimals;
  }
  return mostDecimals + 1;
}

const asFloat32 = new Float32Array(1);
const asBits = new Uint32Array(asFloat32.buffer);

/** The number without the last 16 bits of its float32. */
function toBfloat16(value: number): number {
  asFloat32[0] = value;
  asBits[0] &= 0xffff0000;
  return asFloat32[0];
}
