import type { TensorForm } from '../tensor/decode.ts';
import { type Nested, nest, toBase64 } from '../tensor/encode.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type JsonNumber, jsonNumber } from './json-number.ts';

export type JsonTensor =
  | Nested<JsonNumber>
  | { shape: readonly number[]; data: JsonNumber[] }
  | { shape: readonly number[]; dtype: 'float64'; base64: string };

const writers: Record<TensorForm, (tensor: Tensor) => JsonTensor> = {
  nested: ({ shape, data }) => nest(data, shape, jsonNumber),
  flat: ({ shape, data }) => ({ shape, data: jsonList(data) }),
  base64: ({ shape, data }) => ({ shape, dtype: 'float64', base64: toBase64(data) }),
};

/** A tensor in the form in which the caller sent theirs. */
export function jsonTensor(tensor: Tensor, form: TensorForm): JsonTensor {
  return writers[form](tensor);
}

/** Numbers as JSON, in a row. */
export function jsonList(data: Float64Array): JsonNumber[] {
  return nest(data, [data.length], jsonNumber) as JsonNumber[];
}
