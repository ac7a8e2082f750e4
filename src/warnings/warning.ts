import type { Comparison, Operand, SideName } from '../core/comparison.ts';
import type { Diagnostics, IndexSample } from '../core/diagnostics.ts';
import type { Estimates } from '../core/divergences/estimate.ts';
import type { Base } from '../core/log-base.ts';
import type { Lookalike } from '../core/lookalike.ts';
import type { Listed, Outcome } from '../core/outcomes/listed.ts';
import type { ReductionName, Totals } from '../core/reductions.ts';
import type { Sampling } from '../core/sampling/sampling.ts';
import { quote } from '../errors/wording.ts';
import type { Axes } from '../tensor/axes.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import { unravel } from '../tensor/tensor.ts';

export type Severity = 'info' | 'warning';

/** One warning of an answer. `pointer` is a URI fragment JSON Pointer into the request. */
export type Finding = { readonly pointer: string; readonly message: string; readonly details: Readonly<Record<string, unknown>> };

/** A field of a request that means nothing here, and what may have been meant, or why it means nothing. */
export type IgnoredField = { readonly pointer: string; readonly hint?: string };

/** What a side looks like, along which axes, and in how many of the distributions there. */
export type LooksLike = Pick<Lookalike, 'what' | 'kind' | 'bits' | 'isDecimal' | 'isInteger'> & {
  readonly dims: readonly number[];
  readonly count: number;
  readonly total: number;
};

/** What was seen in numbers that are not at hand any more, because there are too many. */
export type Seen = {
  /** What a side of logarithms looks like, along `dim`, if not like logarithms. */
  readonly lookalikes: Partial<Record<SideName, LooksLike>>;
  /** A number as those of bytes in another order, where most are. */
  readonly odd: Partial<Record<SideName, number>>;
  /** Distributions that look like padding. */
  readonly padded: IndexSample;
};

/** The facts of an answer that its warnings depend on. */
export type WarningContext = Pick<Comparison, 'temperature' | 'pseudocount' | 'weights'> & {
  readonly operands: Readonly<Record<SideName, Operand & { readonly tensor: { readonly isSpread?: boolean } }>>;
  readonly base: Base;
  readonly facts: Diagnostics;
  readonly perDistribution: Float64Array;
  readonly reductions: readonly ReductionName[];
  readonly shape: readonly number[];
  readonly axes: Axes;
  /** The axes without the distributions of weight 0, which may hold anything. */
  readonly read: Axes;
  readonly sum: number;
  /** The sum of the weights; the number of distributions where there are none. */
  readonly weight: number;
  readonly ignored: readonly IgnoredField[];
  /** Where both sides were matched outcome by outcome. */
  readonly listed?: Listed | undefined;
  /** Whether the operands are counts of samples. */
  readonly ofSamples: boolean;
  /** What sampling makes of the numbers, where the answer says it. */
  readonly sampling?: Sampling | undefined;
  /** What was estimated from samples, and the side that they are said to be from. */
  readonly estimates?: Estimates;
  readonly sampledFrom?: SideName | undefined;
  /** Present where the tensors of the operands are empty. */
  readonly seen?: Seen | undefined;
  /** How the machines round that have computed the numbers, where that may be several. */
  readonly roundings?: readonly string[] | undefined;
  /** The operands whose files may change unseen. */
  readonly unpinned?: readonly string[] | undefined;
  /** What the numbers are, in sentences. */
  readonly noun: 'KL divergence' | 'divergence';
  /** The numbers that other operands would have, each with what it is called before its reduction: nothing for KL. */
  readonly evaluate: (comparison: Comparison) => readonly { readonly prefix: string; readonly totals: Totals }[];
};

/** A row of the catalogue: when it applies, in words for the documentation and as the code that finds it. */
export type Warning = {
  readonly severity: Severity;
  readonly when: string;
  readonly find: (answered: WarningContext) => readonly Finding[];
};

/** Positions as `details` shows them: how many, and the indices of the first ten. */
export function countAndIndices({ count, first }: IndexSample, shape: readonly number[]) {
  return { count, indices: first.map((position) => unravel(position, shape)) };
}

/** Elements as `details` shows them: their count, the first ten indices, and the names of their outcomes where lists have names. */
export function countAndElements(sample: IndexSample, { shape, listed }: Pick<WarningContext, 'shape' | 'listed'>) {
  const outcomes = listed === undefined ? {} : { outcomes: sample.first.map((position) => outcomeAt(position, listed)) };
  return { ...countAndIndices(sample, shape), ...outcomes };
}

/** An element in a sentence: `[0, 3]`, and the name of its outcome. */
export function elementInWords(position: number, { shape, listed }: Pick<WarningContext, 'shape' | 'listed'>): string {
  const outcome = listed === undefined ? undefined : outcomeAt(position, listed);
  const name = outcome === null ? ', the rest' : outcome === undefined ? '' : `, ${typeof outcome === 'string' ? quote(outcome) : outcome}`;
  return `${indexInWords(position, shape)}${name}`;
}

/** Positions count as if all lists were as long as the longest. */
function outcomeAt(position: number, { axes, outcomeAt: at }: Listed): Outcome {
  const longest = axes.outcomeOffsets.length;
  return at(Math.floor(position / longest), position % longest);
}

/** `1 element`, `2 elements`, `1 of 2 distributions`, `the one distribution`. */
export function quantity(count: number, noun: string, total?: number): string {
  if (total === 1) return `the one ${noun}`;
  const plural = (total ?? count) === 1 ? noun : `${noun}s`;
  return total === undefined ? `${count} ${plural}` : `${count} of ${total} ${plural}`;
}

/** A measured number in a sentence: six digits are enough to recognise it. */
export function inWords(value: number): string {
  return String(Number.isFinite(value) ? Number(value.toPrecision(6)) : jsonNumber(value));
}

/** A mass in a sentence: near 1 its distance from 1 is what tells. */
export function massInWords(mass: number): string {
  const off = mass - 1;
  if (off === 0 || Math.abs(off) > 1e-3) return inWords(mass);
  return `1 ${off < 0 ? '−' : '+'} ${Math.abs(off).toPrecision(2)}`;
}

/** What is larger than any float64: a divergence, or only the sum of finite ones. @param name what is said of a divergence */
export function overflowInWords(name: string, perDistribution: Float64Array): string {
  const isSumAlone = perDistribution.length > 0 && !perDistribution.includes(Number.POSITIVE_INFINITY);
  const limit = 'larger than the largest float64 (1.8e308)';
  return isSumAlone ? `the sum of ${name} over the distributions is ${limit}, although each is finite` : `${name} is ${limit}`;
}

/** ` at [1, 2]`, or nothing where there is only one place. */
export function atIndex(position: number, shape: readonly number[]): string {
  return shape.length === 0 ? '' : ` at ${indexInWords(position, shape)}`;
}

export function indexInWords(position: number, shape: readonly number[]): string {
  return `[${unravel(position, shape).join(', ')}]`;
}
