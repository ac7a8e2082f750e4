/** Numbers with a shape, row-major. */
export type Tensor = { readonly shape: readonly number[]; readonly data: Float64Array };

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Returns by how many elements one step along each axis is. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Returns the index of an element that stands at `position` in row-major order. */
export function indexOf(position: number, shape: readonly number[]): number[] {
  return stridesOf(shape).map((stride, axis) => Math.floor(position / stride) % shape[axis]);
}

/** Returns the position of an index, of which a part at the front is the position of its first element. */
export function positionOf(index: readonly number[], shape: readonly number[]): number {
  const strides = stridesOf(shape);
  return index.reduce((position, step, axis) => position + step * strides[axis], 0);
}

/** The strings that stand for numbers which JSON lacks. */
const nonFinite: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

/** Returns a tensor of JSON as the service writes and reads it: nested lists, a flat list, base64, or a single number. */
export function fromJson(value: unknown): Tensor {
  if (typeof value === 'object' && value !== null && 'shape' in value) {
    const { shape, data, base64, dtype } = value as { shape: number[]; data?: unknown[] | Float64Array; base64?: string; dtype?: string };
    if (data instanceof Float64Array) return { shape, data };
    if (base64 !== undefined) return { shape, data: fromBase64(base64, dtype) };
    return { shape, data: Float64Array.from((data ?? []).flat(Number.POSITIVE_INFINITY) as unknown[], Number) };
  }
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: unknown[] = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  if (flat.some((item) => typeof item !== 'number' && !nonFinite.includes(item))) throw new Error('it is no tensor of numbers');
  if (flat.length !== sizeOf(shape)) throw new Error('its rows differ in length');
  return { shape, data: Float64Array.from(flat, Number) };
}

function fromBase64(text: string, dtype: string | undefined): Float64Array {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return dtype === 'float32' ? Float64Array.from(new Float32Array(bytes.buffer)) : new Float64Array(bytes.buffer);
}

/** Returns a tensor as nested lists, with the strings of the service for what JSON has no number for. */
export function toJson({ shape, data }: Tensor): unknown {
  const level = (axis: number, begin: number): unknown => {
    if (axis === shape.length) return jsonNumber(data[begin]);
    const step = sizeOf(shape.slice(axis + 1));
    return Array.from({ length: shape[axis] }, (_, place) => level(axis + 1, begin + place * step));
  };
  return level(0, 0);
}

export function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
