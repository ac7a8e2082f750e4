import { elementCount } from '../../../src/tensor/tensor.ts';
import type { Side } from './request.ts';

/** Numbers as the elements of a dtype, little-endian. */
const arrays = {
  FP64: (numbers: readonly number[]) => new Float64Array(numbers),
  FP32: (numbers: readonly number[]) => new Float32Array(numbers),
  FP16: (numbers: readonly number[]) => new Float16Array(numbers),
  INT8: (numbers: readonly number[]) => new Int8Array(numbers),
  UINT16: (numbers: readonly number[]) => new Uint16Array(numbers),
  INT32: (numbers: readonly number[]) => new Int32Array(numbers),
} as const;

export type Datatype = keyof typeof arrays | 'BF16' | 'INT64';

/** The bytes of a tensor, whatever its shape is. Undefined where it holds something that is no number of the dtype. */
export function bytesOf({ data, ragged }: Side, datatype: Datatype): Buffer | undefined {
  if (ragged !== undefined || !data.every((value) => typeof value === 'number')) return undefined;
  if (datatype === 'BF16') return bfloat16(data);
  if (datatype === 'INT64') return data.every(Number.isSafeInteger) ? bytes(new BigInt64Array(data.map(BigInt))) : undefined;
  const array = arrays[datatype](data);
  // -0 is no integer, but equal to one
  return data.every((value, at) => Object.is(value, array[at]) || value === array[at]) ? bytes(array) : undefined;
}

function bfloat16(data: readonly number[]): Buffer | undefined {
  const floats = new Float32Array(data);
  const halves = new Uint16Array(floats.buffer);
  const isExact = data.every((value, at) => Object.is(value, floats[at]) && halves[2 * at] === 0);
  return isExact ? bytes(halves.filter((_, at) => at % 2 === 1)) : undefined;
}

function bytes({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** An element as JSON writes it. */
export function jsonElement(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** `{shape, data}`. Undefined for a tensor with lists of different length. */
export function flat({ shape, data, ragged }: Side): { shape: readonly unknown[]; data: unknown[] } | undefined {
  return ragged === undefined ? { shape, data: data.map(jsonElement) } : undefined;
}

/** `{shape, dtype, base64}`. Undefined where bytes of the dtype cannot hold the tensor. */
export function base64(side: Side, dtype: 'float64' | 'float32' | undefined): object | undefined {
  const text = bytesOf(side, dtype === 'float32' ? 'FP32' : 'FP64')?.toString('base64');
  return text === undefined ? undefined : { shape: side.shape, dtype, base64: text };
}

/** Nested lists. Undefined where the numbers do not fill the shape. */
export function nested({ shape, data, ragged }: Side): unknown {
  const sizes = shape.filter((size): size is number => Number.isInteger(size) && Number(size) >= 0);
  if (sizes.length < shape.length || elementCount(sizes) !== data.length) return undefined;
  let next = 0;
  const lists = (axis: number): unknown =>
    axis === sizes.length ? jsonElement(data[next++]) : Array.from({ length: sizes[axis] }, () => lists(axis + 1));
  const value = lists(0);
  if (ragged !== undefined) listAt(value, ragged)?.push(1);
  return value;
}

/** The list that a path leads to; each step is taken modulo the length. */
function listAt(value: unknown, path: readonly number[]): unknown[] | undefined {
  let list = value;
  for (const step of path) list = Array.isArray(list) && Array.isArray(list[0]) ? list[step % list.length] : list;
  return Array.isArray(list) ? list : undefined;
}
