import { type Fault, refuse } from '../../errors/request-error.ts';
import { appendPointer, describeValue } from '../../errors/wording.ts';
import { float64s } from '../../memory/small-arrays.ts';
import { checkElementCount, maxRank } from '../../tensor/shape.ts';
import { elementCount, type Tensor } from '../../tensor/tensor.ts';
import { tensorFaults } from '../../tensor/unread.ts';
import type { TensorRules } from '../tensor-rules.ts';
import { readElements } from './read-elements.ts';

/**
 * Reads nested lists into a flat tensor, without recursion. The first element along each axis sets the shape;
 * every other list must agree with it.
 * @throws RequestError RAGGED_TENSOR, DEPTH_LIMIT, EMPTY_TENSOR, TOO_MANY_ELEMENTS, or the faults of the elements
 */
export function decodeNested(value: readonly unknown[], pointer: string, { domain, unread, maxElements }: TensorRules): Tensor {
  const shape = shapeOfFirst(value, pointer);
  const data = float64s(checkElementCount(shape, maxElements, pointer));
  const faults = tensorFaults(shape, unread);

  // lists[depth] is being walked and its item next[depth] comes next
  const lists = shape.map(() => value);
  const next = shape.map(() => 0);
  const last = shape.length - 1;
  let offset = 0;
  let depth = 0;
  const elementPointer = (position: number) => appendPointer(pointerAbove(pointer, next, last), position);
  while (depth >= 0) {
    if (depth === last) {
      readElements(lists[depth], data, offset, domain, faults, elementPointer);
      offset += shape[depth];
      depth--;
    } else if (next[depth] === shape[depth]) {
      depth--;
    } else {
      const item = lists[depth][next[depth]++];
      if (Array.isArray(item) && item.length === shape[depth + 1]) {
        depth++;
        lists[depth] = item;
        next[depth] = 0;
      } else {
        faults.add(raggedAt(pointer, next, depth + 1, shape[depth + 1], item));
        offset += elementCount(shape.slice(depth + 1));
      }
    }
  }
  faults.throwIfAny();
  return { shape, data };
}

/** Apart from the loop that adds it: what a closure in a loop sees is allocated in each round, whether there is a fault or not. */
function raggedAt(pointer: string, next: readonly number[], depth: number, size: number, item: unknown): () => Fault {
  return () => ({
    pointer: pointerAbove(pointer, next, depth),
    code: 'RAGGED_TENSOR',
    detail: `expected a list of ${size}, like the first at this depth, got ${describeValue(item)}`,
  });
}

function shapeOfFirst(value: readonly unknown[], pointer: string): number[] {
  const shape: number[] = [];
  // only for what is refused: building it would take as long as reading a small tensor
  const where = () => `${pointer}${'/0'.repeat(shape.length)}`;
  let list: unknown = value;
  while (Array.isArray(list)) {
    if (list.length === 0) throw refuse('EMPTY_TENSOR', where(), 'an empty list: every axis must have at least one element');
    if (shape.length === maxRank)
      throw refuse('DEPTH_LIMIT', where(), `lists are nested deeper than ${maxRank}; a tensor has at most ${maxRank} axes`);
    shape.push(list.length);
    list = list[0];
  }
  return shape;
}

/** The pointer of the item last taken from each of the lists above `depth`. */
function pointerAbove(pointer: string, next: readonly number[], depth: number): string {
  return next.slice(0, depth).reduce((path, taken) => appendPointer(path, taken - 1), pointer);
}
