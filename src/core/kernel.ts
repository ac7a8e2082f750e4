import type { Axes } from '../tensor/axes.ts';
import type { KernelNumbers, Numbers } from '../tensor/tensor.ts';
import type { SideName } from './comparison.ts';
import { type KindName, kindNames } from './kinds.ts';

/** The kinds of both sides, in the order by which a kernel knows them. */
export const kernelPairs: readonly Readonly<Record<SideName, KindName>>[] = kindNames.flatMap((target) =>
  kindNames.map((input) => ({ target, input })),
);

/** The number by which a kernel knows two kinds. */
export function kernelPairOf(target: KindName, input: KindName): number {
  return kindNames.indexOf(target) * kindNames.length + kindNames.indexOf(input);
}

/** The sums over outcomes that a kernel takes beside D(P ‖ Q) alone, in the order by which it knows them: of no more than p, q and d. */
export const kernelForms = [
  'kl',
  'reverse_kl',
  'jeffreys',
  'total_variation',
  'jensen_shannon',
  'renyi',
  'hellinger',
  'chi_squared',
] as const;

/** A sum, and its β or α; 0 where it has none. */
export type KernelForm = { readonly form: (typeof kernelForms)[number]; readonly parameter: number };

/** Two tensors of one shape, and how their distributions lie. */
export type KernelOperands = {
  /** The place of both kinds in `kernelPairs`. */
  readonly pair: number;
  readonly input: KernelNumbers;
  readonly target: KernelNumbers;
  readonly axes: Axes;
  /** What logits are divided by; 1 for other kinds. */
  readonly temperature: number;
  /** What is added to every count; 0 for other kinds. */
  readonly pseudocount: number;
  /** One for each distribution; those of 0 are passed over. */
  readonly weights?: Numbers | undefined;
  /** Whether `agrees` is wanted. */
  readonly wantsAgreement?: boolean | undefined;
  /** What is to be found instead of D(P ‖ Q) alone; then there are no terms. */
  readonly forms?: readonly KernelForm[] | undefined;
};

/** The output of a kernel, in nats. */
export type KernelOutput = {
  /** The divergence of every distribution, or its forms, those of a distribution together. */
  readonly totals: Float64Array;
  /**
   * 1 where what was found is that of the definition but for rounding, all numbers are in the domain of their kind, and there is nothing to
   * note but negative terms; 2 where it is so but for outcomes without mass, which are to be noted; 0 where it is not to be used. Of a
   * distribution that is passed over, 1.
   */
  readonly trusted: Uint8Array;
  /** Of each distribution whose `trusted` is 2, how many of its outcomes have no mass in Q; undefined where terms or forms are wanted. */
  readonly missing?: Uint32Array | undefined;
  /** The terms, each at its element, of distributions whose `trusted` is 1. Empty if terms are not wanted. */
  readonly terms: Float64Array;
  /** What `topOneAgreement` returns, of all distributions; undefined if it is not wanted. */
  readonly agrees?: Uint8Array | undefined;
};

/** A faster computation of most divergences. It leaves the others to the definitions, `divergence` and `computeFamily`. */
export type Kernel = {
  /** Finds the divergences of the distributions from `first` up to, not including, `end`. */
  readonly find: (operands: KernelOperands, found: KernelOutput, first: number, end: number) => void;
};
