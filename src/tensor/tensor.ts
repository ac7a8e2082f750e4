/** Numbers as they came. All arithmetic is float64: shorter ones are widened where they are read. */
export type Numbers = Float64Array | Float32Array | Float16Array;

/** Numbers with a shape, flat and row-major: element [i, j] of a (2, 3) tensor is `data[3 * i + j]`. */
export type Tensor<Data extends Numbers = Float64Array> = { readonly shape: readonly number[]; readonly data: Data };

/** The number of elements that a shape holds: 1 for a scalar, Infinity where the product leaves float64. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The index along every axis of the element at a flat position: `unravel(7, [2, 4])` is `[1, 3]`. */
export function unravel(position: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}
