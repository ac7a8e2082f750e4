import { type Fault, RequestError } from '../errors/request-error.ts';
import { float64s, uint32s } from '../memory/small-arrays.ts';
import { elementCount, sameShape } from './tensor.ts';

/**
 * Where the distributions of a tensor lie. Outcome k of distribution d is the element at `distributionOffsets[d] + outcomeOffsets[k]`;
 * distributions are in row-major order of `shape`, the axes that remain.
 */
export type Axes = {
  readonly dims: readonly number[];
  readonly shape: readonly number[];
  readonly distributionOffsets: Uint32Array;
  readonly outcomeOffsets: Uint32Array;
  /** Where each distribution has outcomes of its own; absent in a tensor. */
  readonly rows?: Rows;
};

/**
 * Rows of different lengths, one behind the other without padding. `positions` is where each would start in a tensor whose rows are all as
 * long as the longest: by it facts name an element, so that its index follows from the shape.
 */
export type Rows = { readonly lengths: Uint32Array; readonly positions: Float64Array };

/**
 * Splits a shape into distributions along `dim`, one axis or several jointly.
 * `dim` counts from the end when negative, as in PyTorch.
 * @throws RequestError DIM_OUT_OF_RANGE, DUPLICATE_DIM
 */
export function distributionAxes(shape: readonly number[], dim: number | readonly number[]): Axes {
  if (last !== undefined && last.dim === dim && sameShape(last.shape, shape)) return last.axes;
  const axes = axesOf(shape, dim);
  if (elementCount(shape) <= fewElements) last = { shape, dim, axes };
  return axes;
}

/** The axes of tensors of so few elements are kept: requests of a batch mostly have one shape, and longer arrays end with their task. */
const fewElements = 2 ** 10;

let last: { readonly shape: readonly number[]; readonly dim: number | readonly number[]; readonly axes: Axes } | undefined;

function axesOf(shape: readonly number[], dim: number | readonly number[]): Axes {
  const dims = resolveDims(shape.length, dim);
  const rest = shape.map((_, axis) => axis).filter((axis) => !dims.includes(axis));
  return {
    dims,
    shape: remainingShape(shape, dims),
    distributionOffsets: offsetsAlong(shape, rest),
    outcomeOffsets: offsetsAlong(shape, dims),
  };
}

/** Axes of more distributions than there is room for, of which nothing but their number is asked: there are no offsets in them. */
export function axesOfSize(dims: readonly number[], shape: readonly number[], distributions: number, outcomes: number): Axes {
  const lengthOnly = (length: number) => Object.defineProperty(new Uint32Array(0), 'length', { value: length });
  return { dims, shape, distributionOffsets: lengthOnly(distributions), outcomeOffsets: lengthOnly(outcomes) };
}

/** The shape without some axes, which count from the start. */
export function remainingShape(shape: readonly number[], dims: readonly number[]): number[] {
  return shape.filter((_, axis) => !dims.includes(axis));
}

/** `dim 0`, or `dims 1, 2`. */
export function dimsInWords(dims: readonly number[]): string {
  return `${dims.length === 1 ? 'dim' : 'dims'} ${dims.join(', ')}`;
}

/**
 * Returns the axes of rows of different lengths, each a distribution, in row-major order of `shape`.
 * @param starts where each row begins, in ascending order, no two at one place
 */
export function rowAxes(shape: readonly number[], starts: Uint32Array, lengths: Uint32Array): Axes {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 1);
  const outcomeOffsets = uint32s(longest);
  for (let k = 0; k < longest; k++) outcomeOffsets[k] = k;
  const positions = float64s(lengths.length);
  for (let d = 0; d < lengths.length; d++) positions[d] = d * longest;
  return { dims: [shape.length], shape, distributionOffsets: starts, outcomeOffsets, rows: { lengths, positions } };
}

/** How many outcomes distribution d has. */
export function outcomesIn({ rows, outcomeOffsets }: Axes, d: number): number {
  return rows === undefined ? outcomeOffsets.length : rows.lengths[d];
}

/** The offsets of the outcomes of distribution d. */
export function offsetsIn({ rows, outcomeOffsets }: Axes, d: number): Uint32Array {
  return rows === undefined || rows.lengths[d] === outcomeOffsets.length ? outcomeOffsets : outcomeOffsets.subarray(0, rows.lengths[d]);
}

/** The position of outcome k of distribution d in a tensor of the shape of the answer. */
export function positionOf({ rows, distributionOffsets, outcomeOffsets }: Axes, d: number, k: number): number {
  return rows === undefined ? distributionOffsets[d] + outcomeOffsets[k] : rows.positions[d] + k;
}

/** The axes of some of the distributions. */
export function someOf(axes: Axes, isKept: (d: number) => boolean): Axes {
  const kept = <Numbers extends Uint32Array | Float64Array>(all: Numbers) => all.filter((_, d) => isKept(d)) as Numbers;
  const { rows } = axes;
  return {
    ...axes,
    distributionOffsets: kept(axes.distributionOffsets),
    ...(rows === undefined ? {} : { rows: { lengths: kept(rows.lengths), positions: kept(rows.positions) } }),
  };
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
