import type { ParameterName } from '../core/closed-forms/parameters.ts';
import { eventAxesOf, type ParametricKindName } from '../core/closed-forms/parametric-kinds.ts';
import type { SideName } from '../core/comparison.ts';
import { refuse } from '../errors/request-error.ts';
import { resolveDims } from '../tensor/axes.ts';
import { elementCount, sameShape } from '../tensor/tensor.ts';
import type { DecodedTensor } from './divergence-request.ts';

/** A parameter as it was read, and the place that it has in the request. */
export type ReadParameter = { readonly side: SideName; readonly name: ParameterName; readonly tensor: DecodedTensor };

/** Whether a parameter is one value for all distributions: a number, or a vector or matrix where the kind has these. */
export function isSingle(kind: ParametricKindName, name: ParameterName, shape: readonly number[]): boolean {
  const axes = eventAxesOf(kind, name);
  return axes === 0 ? isNumber(shape) : shape.length <= axes;
}

/** A number, also as a tensor of one axis, for formats that have none without. */
function isNumber(shape: readonly number[]): boolean {
  return shape.length <= 1 && elementCount(shape) === 1;
}

/**
 * The shape in which the distributions lie, an element for each, or for each coordinate where they have several. Numbers fit into any.
 * @throws RequestError SHAPE_MISMATCH
 */
export function commonShape(kind: ParametricKindName, parameters: readonly ReadParameter[]): readonly number[] {
  const placed = parameters.map((parameter) => ({ ...parameter, shape: shapeOf(kind, parameter) }));
  const tensors = placed.filter(({ shape, name }) => !isNumber(shape) || eventAxesOf(kind, name) === 2);
  if (eventAxesOf(kind, 'loc') > 0) return ofVectors(kind, tensors);
  const [first, ...others] = tensors;
  const odd = others.find(({ shape }) => !sameShape(shape, first.shape));
  if (odd !== undefined) throw mismatch(odd, first, 'They are of one shape, or a single number, which counts for all');
  return first?.shape ?? [1];
}

type Placed = ReadParameter & { readonly shape: readonly number[] };

/** The shape of a parameter, a matrix as a vector of its rows. @throws RequestError SHAPE_MISMATCH for a matrix that is not square */
function shapeOf(kind: ParametricKindName, { side, name, tensor: { shape } }: ReadParameter): readonly number[] {
  if (eventAxesOf(kind, name) < 2) return shape;
  const [rows, columns] = shape.slice(-2);
  if (shape.length >= 2 && rows === columns) return shape.slice(0, -1);
  const detail = `${name} of ${side} has shape [${shape.join(', ')}]: expected square matrices in its last two axes`;
  throw refuse('SHAPE_MISMATCH', `#/${side}/${name}`, detail);
}

/**
 * Of vectors and matrices, one for all distributions or one for each: all have the coordinates, and those for each one shape before these.
 */
function ofVectors(kind: ParametricKindName, tensors: readonly Placed[]): readonly number[] {
  const largest = tensors.find(({ name, tensor }) => !isSingle(kind, name, tensor.shape)) ?? tensors[0];
  const odd = tensors.find(({ name, shape, tensor }) => {
    const fits = sameShape(shape.slice(-1), largest.shape.slice(-1));
    return !(fits && (isSingle(kind, name, tensor.shape) || sameShape(shape, largest.shape)));
  });
  if (odd !== undefined)
    throw mismatch(
      odd,
      largest,
      'A mean has its coordinates in the last axis, a matrix in its last two; the axes before are the same, or left out',
    );
  return largest.shape;
}

function mismatch(odd: Placed, expected: Placed, advice: string) {
  const words = ({ side, name, tensor }: Placed) => `${name} of ${side} has shape [${tensor.shape.join(', ')}]`;
  return refuse('SHAPE_MISMATCH', `#/${odd.side}/${odd.name}`, `${words(odd)}, ${words(expected)}. ${advice}`);
}

/** Coordinates lie in the last axis, whatever `dim` says. @throws RequestError INVALID_VALUE, DIM_OUT_OF_RANGE, DUPLICATE_DIM */
export function checkCoordinates(kind: ParametricKindName, shape: readonly number[], dim: number | readonly number[]): void {
  if (eventAxesOf(kind, 'loc') === 0 || sameShape(resolveDims(shape.length, dim), [shape.length - 1])) return;
  throw refuse('INVALID_VALUE', '#/dim', `the coordinates of ${kind} lie along the last axis of loc: leave dim out, or send -1`);
}
