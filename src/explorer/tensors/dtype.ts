/** How the bytes of a number type are read, little-endian. */
type Dtype = {
  readonly size: number;
  readonly read: (view: DataView, at: number) => number;
  /** Reads all of them at once, where the language has such numbers; every browser runs on machines that are little-endian. */
  readonly array?: new (
    buffer: ArrayBufferLike,
    begin: number,
    length: number,
  ) => ArrayLike<number>;
};

export const dtypes = {
  F64: { size: 8, read: (view, at) => view.getFloat64(at, true), array: Float64Array },
  F32: { size: 4, read: (view, at) => view.getFloat32(at, true), array: Float32Array },
  F16: { size: 2, read: (view, at) => half(view.getUint16(at, true)) },
  BF16: { size: 2, read: (view, at) => upperHalf(view.getUint16(at, true)) },
  I64: { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { size: 4, read: (view, at) => view.getInt32(at, true), array: Int32Array },
  I16: { size: 2, read: (view, at) => view.getInt16(at, true), array: Int16Array },
  I8: { size: 1, read: (view, at) => view.getInt8(at), array: Int8Array },
  U64: { size: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  U32: { size: 4, read: (view, at) => view.getUint32(at, true), array: Uint32Array },
  U16: { size: 2, read: (view, at) => view.getUint16(at, true), array: Uint16Array },
  U8: { size: 1, read: (view, at) => view.getUint8(at), array: Uint8Array },
  BOOL: { size: 1, read: (view, at) => Math.sign(view.getUint8(at)) },
} as const satisfies Record<string, Dtype>;

export type DtypeName = keyof typeof dtypes;

export function isDtype(name: string): name is DtypeName {
  return Object.hasOwn(dtypes, name);
}

/** Numbers in the bytes of a file, row-major and little-endian. */
export type ByteTensor = { readonly dtype: DtypeName; readonly shape: readonly number[]; readonly bytes: Uint8Array };

/** Returns the numbers of bytes as float64. */
export function numbersOf({ dtype, bytes }: ByteTensor): Float64Array {
  const { size, read, array: Numbers }: Dtype = dtypes[dtype];
  if (Numbers !== undefined) {
    const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
    const numbers = new Numbers(buffer, byteOffset, byteLength / size);
    return numbers instanceof Float64Array ? numbers : new Float64Array(numbers);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float64Array(bytes.byteLength / size);
  for (let place = 0; place < numbers.length; place++) numbers[place] = read(view, place * size);
  return numbers;
}

/** Returns a tensor as the service reads it as a side of a request: as it is, and flags as the integers 0 and 1. */
export function asSent(tensor: ByteTensor): ByteTensor {
  return tensor.dtype === 'BOOL' ? { ...tensor, dtype: 'U8', bytes: tensor.bytes.map(Math.sign) } : tensor;
}

const bits = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of float32. */
function upperHalf(value: number): number {
  bits.setUint32(0, value << 16);
  return bits.getFloat32(0);
}

/** https://en.wikipedia.org/wiki/Half-precision_floating-point_format */
function half(value: number): number {
  const sign = value >> 15 === 0 ? 1 : -1;
  const exponent = (value >> 10) & 31;
  const fraction = value & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
