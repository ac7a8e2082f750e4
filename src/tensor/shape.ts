import { type Fault, RequestError, refuse } from '../errors/request-error.ts';
import { appendPointer, describeValue } from '../errors/wording.ts';
import { elementCount } from './tensor.ts';

/** As many axes as NumPy allowed until 2.0, and PyTorch practically does. */
export const maxRank = 32;

/**
 * Reads a `shape` member: a list of 1 to 32 positive integers, or of none where `allowsScalar`.
 * @throws RequestError INVALID_VALUE, SCALAR_TENSOR, EMPTY_TENSOR, DEPTH_LIMIT
 */
export function readShape(value: unknown, pointer: string, allowsScalar = false): number[] {
  if (!Array.isArray(value))
    throw refuse('INVALID_VALUE', pointer, `expected a list of integers, such as [2, 3], got ${describeValue(value)}`);
  if (value.length === 0 && !allowsScalar)
    throw refuse('SCALAR_TENSOR', pointer, 'shape [] is a scalar: a distribution needs an axis to lie along');
  if (value.length > maxRank) throw refuse('DEPTH_LIMIT', pointer, `shape has ${value.length} axes; at most ${maxRank} are accepted`);
  const faults: Fault[] = [];
  for (const [axis, size] of value.entries()) {
    if (!Number.isSafeInteger(size) || size < 0) {
      faults.push({
        pointer: appendPointer(pointer, axis),
        code: 'INVALID_VALUE',
        detail: `expected a size, an integer from 1 on, got ${describeValue(size)}`,
      });
    } else if (size === 0) {
      faults.push({
        pointer: appendPointer(pointer, axis),
        code: 'EMPTY_TENSOR',
        detail: `axis ${axis} has size 0, so the tensor has no elements`,
      });
    }
  }
  if (faults.length > 0) throw new RequestError(faults);
  return value;
}

/** @throws RequestError TOO_MANY_ELEMENTS, before anything is allocated */
export function checkElementCount(shape: readonly number[], maxElements: number, pointer: string): number {
  const count = elementCount(shape);
  if (count > maxElements) {
    throw refuse(
      'TOO_MANY_ELEMENTS',
      pointer,
      `shape [${shape.join(', ')}] means ${count} elements; the limit here is ${maxElements} per tensor`,
    );
  }
  return count;
}
