import type { Axes } from '../tensor/axes.ts';
import type { Numbers, Tensor } from '../tensor/tensor.ts';
import type { KindName } from './kinds.ts';

export const sideNames = ['input', 'target'] as const;

export type SideName = (typeof sideNames)[number];

export function otherSide(name: SideName): SideName {
  return name === 'input' ? 'target' : 'input';
}

/** The tensors of a request: those of both sides, and those that may be left out. */
export const tensorNames = [...sideNames, 'weights'] as const;

export type TensorName = (typeof tensorNames)[number];

/** One of the two tensors, and the kind that says how its numbers are read. */
export type Operand = { readonly tensor: Tensor<Numbers>; readonly kind: KindName };

/**
 * Where an element of a side stands, which is outcome `k` of distribution `d`: a pointer, and how a sentence about the element begins where
 * the pointer leads to the whole tensor.
 */
export type PlaceOf = (name: SideName, element: number, d: number, k: number) => { readonly pointer: string; readonly where: string };

/** What is compared: operands of one shape, which `axes` splits into distributions, P in `target` and Q in `input`. */
export type Comparison = Readonly<Record<SideName, Operand>> & {
  readonly axes: Axes;
  /** What logits are divided by, on both sides; 1 for other kinds. */
  readonly temperature: number;
  /** What is added to every count, on both sides; 0 for other kinds. */
  readonly pseudocount: number;
  /** One for each distribution, from 0 on; undefined for 1 everywhere. A distribution of weight 0 is not read. */
  readonly weights?: Numbers | undefined;
  /** The side whose model the samples are from, where the elements are log-probabilities of samples and no distributions. */
  readonly sampledFrom?: SideName | undefined;
};
