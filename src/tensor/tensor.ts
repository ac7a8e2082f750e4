/** Numbers as they came. All arithmetic is float64: shorter ones are widened where they are read. */
export type Numbers = Float64Array | Float32Array | Float16Array;

/** Numbers with a shape, flat and row-major: element [i, j] of a (2, 3) tensor is `data[3 * i + j]`. */
export type Tensor<Data extends Numbers = Float64Array> = {
  readonly shape: readonly number[];
  readonly data: Data;
  /** The bits of numbers that came as bfloat16, of which `data` is made when it is first read. */
  readonly bfloat16?: Uint16Array | undefined;
  /** Whether its datatype holds whole numbers only. */
  readonly isInteger?: boolean | undefined;
};

/** Numbers of a tensor as a kernel reads them: bfloat16 as its bits. */
export type KernelNumbers = Numbers | Uint16Array;

const bits = new Uint32Array(1);
const single = new Float32Array(bits.buffer);

/** One element, without the others: of bfloat16, `data` is not made for a few. */
export function elementOf(tensor: Tensor<Numbers>, element: number): number {
  if (tensor.bfloat16 === undefined) return tensor.data[element];
  // bfloat16 is the upper half of float32
  bits[0] = tensor.bfloat16[element] << 16;
  return single[0];
}

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
