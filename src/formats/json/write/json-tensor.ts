import { type JsonNumber, jsonNumber } from '../../../tensor/json-number.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { TensorForm } from '../../divergence-request.ts';
import { type Nested, nest, toBase64 } from './encode-tensor.ts';

/** What JSON says of a tensor. The lists of a long one are not built: there may be more of them than a thread has room for. */
export type JsonTensor =
  | Nested<JsonNumber>
  | LazyJson
  | { shape: readonly number[]; data: JsonNumber[] | LazyJson }
  | { shape: readonly number[]; dtype: 'float64'; base64: string | LazyJson };

const writers: Record<TensorForm, (tensor: Tensor) => JsonTensor> = {
  nested: ({ shape, data }) => {
    const lists = () => nest(data, shape, jsonNumber);
    return isFew(data.length * shape.length) ? lists() : new LazyJson(lists, () => piecesOfLists(data, shape));
  },
  flat: ({ shape, data }) => ({ shape, data: jsonList(data) }),
  base64: ({ shape, data }) => {
    const text = () => toBase64(data);
    return { shape, dtype: 'float64', base64: isFew(data.length) ? text() : new LazyJson(text, () => piecesOfBase64(data)) };
  },
};

/** A tensor in the form in which the caller sent theirs. */
export function jsonTensor(tensor: Tensor, form: TensorForm): JsonTensor {
  return writers[form](tensor);
}

/** Numbers as JSON, in a row. */
export function jsonList(data: Float64Array): JsonNumber[] | LazyJson {
  const list = () => nest(data, [data.length], jsonNumber) as JsonNumber[];
  return isFew(data.length) ? list() : new LazyJson(list, () => piecesOfLists(data, [data.length]));
}

/** What is long as JSON: the text of what `toJSON` returns, a piece at a time. */
export class LazyJson {
  readonly toJSON: () => unknown;
  readonly pieces: () => Iterable<string>;

  constructor(toJSON: () => unknown, pieces: () => Iterable<string>) {
    this.toJSON = toJSON;
    this.pieces = pieces;
  }
}

/** Numbers, each counted as often as it is deep, that become lists at once. */
const atOnce = 2 ** 12;

function isFew(count: number): boolean {
  return count <= atOnce;
}

/** The text of nested lists. Those of the last axes are built, as many as are few; the brackets around them are counted. */
function* piecesOfLists(data: Float64Array, shape: readonly number[]): Generator<string> {
  let axis = shape.length - 1;
  let size = 1;
  while (axis > 0 && isFew(size * shape[axis] * shape.length)) size *= shape[axis--];
  const entry = shape.slice(axis + 1);
  const row = size * shape[axis];
  const together = size * Math.max(1, Math.floor(atOnce / (size * shape.length)));
  let before = '['.repeat(axis + 1);
  for (let start = 0; start < data.length; start += row) {
    if (start > 0) before = between(start, row, shape.slice(0, axis));
    for (let from = start; from < start + row; from += together) {
      const part = data.subarray(from, Math.min(from + together, start + row));
      yield before + JSON.stringify(nest(part, [part.length / size, ...entry], jsonNumber)).slice(1, -1);
      before = ',';
    }
  }
  yield ']'.repeat(axis + 1);
}

/** The brackets before the row that starts here: of the row itself, and of every axis outside of it that goes on. */
function between(start: number, row: number, outer: readonly number[]): string {
  let depth = 1;
  for (let axis = outer.length - 1, size = row * outer[axis]; start % size === 0; axis--, size *= outer[axis]) depth++;
  return `${']'.repeat(depth)},${'['.repeat(depth)}`;
}

function* piecesOfBase64(data: Float64Array): Generator<string> {
  yield '"';
  // of a multiple of three bytes there is no padding
  const together = 3 * atOnce;
  for (let from = 0; from < data.length; from += together) yield toBase64(data.subarray(from, from + together));
  yield '"';
}
