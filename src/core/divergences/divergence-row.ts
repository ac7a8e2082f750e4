import type { SideName } from '../comparison.ts';
import type { KernelForm } from '../kernel.ts';
import type { Form } from './forms.ts';
import type { Pair } from './pair.ts';

/** What stands behind the colon of a name. */
export type Parameter = {
  readonly name: 'alpha' | 'beta';
  readonly symbol: string;
  readonly meaning: string;
  /** Its value where the name has no colon; undefined where it must be given. */
  readonly standard?: number;
  /** Bounds, both excluded. */
  readonly above: number;
  readonly below: number;
  /** Values at which another divergence is meant. */
  readonly instead: Readonly<Record<number, 'kl' | 'reverse_kl'>>;
};

export const directions = ['D(target || input)', 'D(input || target)', 'H(target, input)', 'symmetric', 'weighted'] as const;

export type Direction = (typeof directions)[number];

/** Where a divergence is infinite: outcomes that only one side has, or distributions without a common outcome. */
export type InfiniteWhere = 'only_target' | 'only_input' | 'either' | 'disjoint' | 'never';

/** A divergence: how it is computed from a pair of distributions, and what is said of it. */
export type DivergenceRow = {
  readonly meaning: string;
  readonly formula: string;
  /** What it is called elsewhere, as a sentence, and the names by which callers may ask for it. */
  readonly elsewhere: string;
  readonly aliases: readonly string[];
  readonly direction: (parameter: number, sampledFrom?: SideName) => Direction;
  /** Whether it is measured in nats, bits or another unit, so that `base` applies. */
  readonly hasUnit: boolean;
  readonly parameter?: Parameter;
  /**
   * Of an estimate from samples: what a sample adds, in nats, by log p - log q of the model p that it is from and the other, q. It takes
   * the place of all that follows.
   */
  readonly estimate?: (logRatio: number) => number;
  /** What an outcome adds, as both sides stand. */
  readonly term?: (parameter: number) => Form;
  /** Another form with the same sum where both masses are 1, which is never negative and keeps its digits where P ≈ Q. */
  readonly summand?: Form;
  /** The sum of a distribution, in nats, where it is not that of terms. */
  readonly total?: (parameter: number, pair: Pair, scratch: Float64Array) => number;
  /** The sum that a kernel finds; a divergence without it needs more of an outcome than p, q and d. */
  readonly kernelForm?: (parameter: number) => KernelForm;
  /** The divergence in nats of that sum, where it is another. */
  readonly ofKernel?: (sum: number, parameter: number) => number;
  /** What becomes of the sum; a divergence without it is the plain sum of its terms, so that `none` exists. */
  readonly finish?: (sum: number) => number;
  readonly infiniteWhere: (parameter: number) => InfiniteWhere;
  /** Whether a difference of the two masses enters it, which may make it negative. */
  readonly restsOnMasses: boolean;
};
