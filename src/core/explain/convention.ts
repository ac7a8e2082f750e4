import type { Tensor } from '../../tensor/tensor.ts';
import type { Comparison } from '../comparison.ts';
import type { Named } from './library-expressions.ts';
import type { ByHand } from './textbook.ts';

/** Whose answers are shown. */
export const libraries = ['PyTorch', 'SciPy', 'Keras', 'TRL', 'llama.cpp'] as const;

/** The answer of a library for the same numbers: the expression to type, its value, and a note on its peculiarity. */
export type Convention = {
  readonly library: (typeof libraries)[number];
  readonly expression: string;
  readonly value: Tensor;
  readonly note: string;
};

/** The data of one request, as the libraries would be given them. */
export type Compared = Named & Pick<Comparison, 'weights'> & { readonly hand: ByHand };

/** A number as the value of a convention. */
export const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });
