import { eventAxesOf } from '../core/closed-forms/parametric-kinds.ts';
import { reductions, selectReductions } from '../core/reductions.ts';
import { selectQuantiles } from '../core/statistics.ts';
import { type DivergenceRequest, isParametricRequest, layoutOfRequest, type ParametricRequest } from '../formats/divergence-request.ts';
import { elementCount } from '../tensor/tensor.ts';

/** Thrown where a body needs more work than its thread may spend on it. The request is not at fault, so this is no RequestError. */
export class TooMuchWork extends Error {}

/** Returns a function that spends work, and throws TooMuchWork once more than `most` is spent. */
export function workBudget(most: number): (work: number) => void {
  let left = most;
  return (work) => {
    left -= work;
    if (left < 0) throw new TooMuchWork();
  };
}

/** The work of a byte of lines: parsing it. */
export const workPerByte = 1;

/** The work of a line beside its bytes: finding the warnings, and framing the answer. */
export const workPerLine = 100;

/** The work of a fault in an answer: its pointer, its text and its JSON. */
export const workPerFault = 100;

/**
 * Returns the work of a request: each element as often as it is read, computed or written. Nested lists write a bracket for each axis of an
 * element. The event loop does about 10 000 units in a millisecond.
 */
export function workOf(request: DivergenceRequest): number {
  const { reduction, divergences, statistics } = request;
  const { shape, form } = layoutOfRequest(request);
  const tensors = selectReductions(reduction).filter((name) => 'tensor' in reductions[name]).length;
  // a distribution may have one outcome, and sorting them takes longer than reading them
  const described = selectQuantiles(statistics) === undefined ? 0 : 6;
  const written = tensors * (form === 'nested' ? shape.length : 1) + described;
  if (isParametricRequest(request)) return elementCount(shape) * (workPerValue(request) + written);
  // KL is a part of reading; each of several divergences takes as long as half of it
  return request.input.tensor.data.length * (divergences === undefined ? 2 + written : 2 + new Set(divergences).size * (1 + written));
}

/** The work of a distribution in its closed form: gamma functions, or for each coordinate its part of the decompositions of matrices. */
function workPerValue({ kind, shape, divergences = ['kl'] }: ParametricRequest): number {
  const coordinates = eventAxesOf(kind, 'loc') === 0 ? 0 : shape[shape.length - 1];
  return 2 * new Set(divergences).size * (10 + (coordinates * coordinates) / 50);
}
