import type { Axes } from '../../tensor/axes.ts';
import type { SideName } from '../comparison.ts';
import type { IndexSample } from '../diagnostics.ts';

/** An outcome by its name or id; null for all that are not compared one by one. */
export type Outcome = string | number | null;

/** The mass of a distribution that is compared one by one: the mean over distributions, by their weights, and the least. */
export type Coverage = { readonly mean: number; readonly least: number };

/** What is to be told of operands that were lists of outcomes: each distribution has outcomes of its own. */
export type Listed = {
  readonly axes: Axes;
  readonly outcomeAt: (distribution: number, k: number) => Outcome;
  /** How many entries both lists have together. */
  readonly entries: number;
  /** Bytes that all outcomes take in JSON, at the most. */
  readonly textBytes: () => number;
  /** Only where the outcomes that are not compared one by one are one outcome. */
  readonly coverage?: Readonly<Record<SideName, Coverage>>;
  /** Likewise; the distributions in which what a side's list leaves to 1 may be rounding alone, and the other side leaves more. */
  readonly restsByRounding?: Readonly<Record<SideName, IndexSample>>;
};
