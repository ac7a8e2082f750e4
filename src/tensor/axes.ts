import { type Fault, RequestError } from '../errors/request-error.ts';
import { uint32s } from '../memory/small-arrays.ts';
import { elementCount } from './tensor.ts';

/**
 * Where the distributions of a tensor lie. Outcome k of distribution d is the element at `distributionOffsets[d] + outcomeOffsets[k]`;
 * distributions are in row-major order of `shape`, the axes that remain.
 */
export type Axes = {
  readonly dims: readonly number[];
  readonly shape: readonly number[];
  readonly distributionOffsets: Uint32Array;
  readonly outcomeOffsets: Uint32Array;
};

/**
 * Splits a shape into distributions along `dim`, one axis or several jointly.
 * `dim` counts from the end when negative, as in PyTorch.
 * @throws RequestError DIM_OUT_OF_RANGE, DUPLICATE_DIM
 */
export function distributionAxes(shape: readonly number[], dim: number | readonly number[]): Axes {
  const dims = resolveDims(shape.length, dim);
  const rest = shape.map((_, axis) => axis).filter((axis) => !dims.includes(axis));
  return {
    dims,
    shape: remainingShape(shape, dims),
    distributionOffsets: offsetsAlong(shape, rest),
    outcomeOffsets: offsetsAlong(shape, dims),
  };
}

/** The shape without some axes, which count from the start. */
export function remainingShape(shape: readonly number[], dims: readonly number[]): number[] {
  return shape.filter((_, axis) => !dims.includes(axis));
}

/** `dim 0`, or `dims 1, 2`. */
export function dimsInWords(dims: readonly number[]): string {
  return `${dims.length === 1 ? 'dim' : 'dims'} ${dims.join(', ')}`;
}

/** The axes that `dim` names, from the start and ascending. @throws RequestError DIM_OUT_OF_RANGE, DUPLICATE_DIM */
export function resolveDims(rank: number, dim: number | readonly number[]): number[] {
  const isList = typeof dim !== 'number';
  const resolved: number[] = [];
  const faults: Fault[] = [];
  for (const [position, axis] of (isList ? dim : [dim]).entries()) {
    const pointer = isList ? `#/dim/${position}` : '#/dim';
    const fromStart = axis < 0 ? axis + rank : axis;
    if (fromStart < 0 || fromStart >= rank) {
      const detail = `dim ${axis} does not exist: the tensors have rank ${rank}, so dim goes from ${-rank} to ${rank - 1}`;
      faults.push({ pointer, code: 'DIM_OUT_OF_RANGE', detail });
    } else if (resolved.includes(fromStart)) {
      faults.push({ pointer, code: 'DUPLICATE_DIM', detail: `dim ${axis} names axis ${fromStart}, which is in the list already` });
    } else {
      resolved.push(fromStart);
    }
  }
  if (faults.length > 0) throw new RequestError(faults);
  return resolved.sort((a, b) => a - b);
}

/** The flat offsets of every index along some axes, in row-major order of those axes. */
function offsetsAlong(shape: readonly number[], axes: readonly number[]): Uint32Array {
  const offsets = uint32s(elementCount(axes.map((axis) => shape[axis])));
  let filled = 1;
  for (const axis of axes) {
    const size = shape[axis];
    const stride = elementCount(shape.slice(axis + 1));
    // backwards, because the entries being spread out still lie at the front
    for (let entry = filled - 1; entry >= 0; entry--) {
      for (let index = size - 1; index >= 0; index--) offsets[entry * size + index] = offsets[entry] + index * stride;
    }
    filled *= size;
  }
  return offsets;
}
