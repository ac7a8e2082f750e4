import type { Axes } from '../tensor/axes.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The values to reduce: the terms in the shape of the operands, their sums along dim, and the weighted sum of these. */
export type Totals = { readonly terms: Float64Array; readonly perDistribution: Float64Array; readonly sum: number };

/** What divisors depend on. `weight` is the sum of the weights, and the number of distributions where there are none. */
export type Sizes = { readonly shape: readonly number[]; readonly axes: Axes; readonly weight: number };

/** `divisor` for a number, S divided by it; `tensor` for an array of numbers. */
export type Reduction = {
  readonly value: string;
  readonly formula: string;
  /** The formula with weights w, where it is another; D are the divergences. */
  readonly weighted?: string;
  readonly equivalent: string;
} & ({ readonly divisor: (sizes: Sizes) => number } | { readonly tensor: (totals: Totals, sizes: Sizes) => Tensor });

export const reductions = {
  none: {
    value: 'every term, a tensor of the shape of `input`',
    formula: 'P·(log P − log Q)',
    equivalent: 'PyTorch `none`, SciPy `rel_entr`',
    tensor: ({ terms }, { shape }) => ({ shape, data: terms }),
  },
  per_distribution: {
    value: 'the sum of the terms along `dim`, a tensor of the remaining shape: the divergences themselves',
    formula: 'Σ along dim of P·(log P − log Q)',
    equivalent: 'SciPy `entropy(p, q, axis)`, Keras reduction `none`',
    tensor: ({ perDistribution }, { axes }) => ({ shape: axes.shape, data: perDistribution }),
  },
  sum: {
    value: 'the sum S of all terms',
    formula: 'S = Σ P·(log P − log Q)',
    weighted: 'S = Σ w·D',
    equivalent: 'PyTorch `sum`',
    divisor: () => 1,
  },
  mean: {
    value: 'S divided by the number of elements E',
    formula: 'S / E',
    weighted: 'S / (Σ w · support size)',
    equivalent: 'PyTorch `mean` (its default)',
    divisor: ({ axes, weight }) => weight * axes.outcomeOffsets.length,
  },
  batchmean: {
    value: 'S divided by the size N of axis 0',
    formula: 'S / N',
    equivalent: 'PyTorch `batchmean`',
    divisor: ({ shape }) => shape[0],
  },
  distribution_mean: {
    value: 'S divided by the number of distributions D: the mean KL divergence',
    formula: 'S / D',
    weighted: 'S / Σ w',
    equivalent: 'Keras `sum_over_batch_size`',
    divisor: ({ weight }) => weight,
  },
} as const satisfies Record<string, Reduction>;

export type ReductionName = keyof typeof reductions;

export const reductionNames = Object.keys(reductions) as [ReductionName, ...ReductionName[]];

export const defaultReductions: readonly ReductionName[] = ['sum', 'mean', 'batchmean', 'distribution_mean'];

/** The reductions that a request asks for, in the order of the table, each once; the default ones where it asks for none. */
export function selectReductions(asked?: ReductionName | 'all' | readonly ReductionName[]): readonly ReductionName[] {
  if (asked === undefined) return defaultReductions;
  if (asked === 'all') return reductionNames;
  const names = typeof asked === 'string' ? [asked] : asked;
  return reductionNames.filter((name) => names.includes(name));
}

/** Returns the value of a reduction: a number, or a tensor. */
export function reduce(name: ReductionName, totals: Totals, sizes: Sizes): number | Tensor {
  const reduction: Reduction = reductions[name];
  return 'divisor' in reduction ? totals.sum / reduction.divisor(sizes) : reduction.tensor(totals, sizes);
}

/** Whether a reduction is a number that divides S, so that it means nothing where no distribution is read. */
export function isAverage(name: ReductionName): boolean {
  return 'divisor' in reductions[name] && name !== 'sum';
}

/** Returns the number that a reduction divides S by; undefined for a tensor. */
export function divisorOf(name: ReductionName, sizes: Sizes): number | undefined {
  const reduction: Reduction = reductions[name];
  return 'divisor' in reduction ? reduction.divisor(sizes) : undefined;
}
