import { float32s, float64s, uint8s, uint32s } from '../memory/small-arrays.ts';
import { keepingArrays } from '../memory/task-memory.ts';
import type { Numbers, Tensor } from './tensor.ts';

/** Reads bytes that lie at a multiple of the element size. */
type Read = (bytes: Uint8Array) => Numbers;

// typed arrays have the byte order of the host, which is little-endian, as all formats here are, on x86 and Arm

/**
 * The dtypes of numbers in bytes, little-endian: their size, and how each is read: as it is, a view of the bytes, or exactly in a wider
 * one.
 */
export const dtypes = {
  float64: { size: 8, isView: true, read: ({ buffer, byteOffset, byteLength }) => new Float64Array(buffer, byteOffset, byteLength / 8) },
  float32: { size: 4, isView: true, read: ({ buffer, byteOffset, byteLength }) => new Float32Array(buffer, byteOffset, byteLength / 4) },
  float16: { size: 2, isView: true, read: ({ buffer, byteOffset, byteLength }) => new Float16Array(buffer, byteOffset, byteLength / 2) },
  bfloat16: { size: 2, isView: true, read: (bytes) => widenedBfloat16(bitsOf(bytes)) },
  int8: { size: 1, read: ({ buffer, byteOffset, byteLength }) => widened(float32s, new Int8Array(buffer, byteOffset, byteLength)) },
  int16: { size: 2, read: ({ buffer, byteOffset, byteLength }) => widened(float32s, new Int16Array(buffer, byteOffset, byteLength / 2)) },
  int32: { size: 4, read: ({ buffer, byteOffset, byteLength }) => widened(float64s, new Int32Array(buffer, byteOffset, byteLength / 4)) },
  int64: { size: 8, read: (bytes) => joined(bytes, new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)) },
  bool: { size: 1, read: truths },
  uint8: { size: 1, read: (bytes) => widened(float32s, bytes) },
  uint16: { size: 2, read: ({ buffer, byteOffset, byteLength }) => widened(float32s, new Uint16Array(buffer, byteOffset, byteLength / 2)) },
  uint32: { size: 4, read: ({ buffer, byteOffset, byteLength }) => widened(float64s, new Uint32Array(buffer, byteOffset, byteLength / 4)) },
  uint64: { size: 8, read: (bytes) => joined(bytes, new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)) },
} as const satisfies Record<string, { size: number; isView?: true; read: Read }>;

export type Dtype = keyof typeof dtypes;

/** The numbers of a dtype in bytes that may lie anywhere. */
export function readNumbers(dtype: Dtype, bytes: Uint8Array): Numbers {
  return dtypes[dtype].read(aligned(dtype, bytes));
}

/**
 * A tensor of a dtype, whose numbers lie in bytes that may lie anywhere. `about` is all else that is known of it. bfloat16, which has no
 * typed array, is widened when `data` is first read: a kernel reads its bits.
 */
export function tensorOfBytes<About extends Pick<Tensor, 'shape'>>(dtype: Dtype, bytes: Uint8Array, about: About): About & Tensor<Numbers> {
  if (dtype !== 'bfloat16') return { ...about, ...(isInteger(dtype) ? { isInteger: true } : {}), data: readNumbers(dtype, bytes) };
  const bfloat16 = bitsOf(aligned(dtype, bytes));
  let data: Float32Array | undefined;
  return {
    ...about,
    bfloat16,
    get data() {
      // whatever it is that reads it first, others will
      data ??= keepingArrays(() => widenedBfloat16(bfloat16));
      return data;
    },
  };
}

function isInteger(dtype: Dtype): boolean {
  return !dtype.includes('float');
}

/** Whether the numbers of a tensor are a view of their bytes, none of which are read before one of the numbers is. */
export function isView(dtype: Dtype, bytes: Uint8Array): boolean {
  return 'isView' in dtypes[dtype] && areAligned(dtype, bytes);
}

function areAligned(dtype: Dtype, { byteOffset }: Uint8Array): boolean {
  return byteOffset % dtypes[dtype].size === 0;
}

/** The bytes at a multiple of the element size: where they lie, or copied. */
function aligned(dtype: Dtype, bytes: Uint8Array): Uint8Array {
  if (areAligned(dtype, bytes)) return bytes;
  const copy = uint8s(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Copies numbers into a wider array, which holds them exactly. */
function widened<Wide extends Numbers>(allocate: (length: number) => Wide, narrow: ArrayLike<number>): Wide {
  const wide = allocate(narrow.length);
  wide.set(narrow);
  return wide;
}

/** 1 for every byte that is not 0. */
function truths(bytes: Uint8Array): Float32Array {
  const numbers = float32s(bytes.length);
  for (let position = 0; position < bytes.length; position++) numbers[position] = bytes[position] === 0 ? 0 : 1;
  return numbers;
}

function bitsOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint16Array {
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}

/** bfloat16 is the upper half of float32. */
function widenedBfloat16(halves: Uint16Array): Float32Array {
  const bits = uint32s(halves.length);
  for (let position = 0; position < halves.length; position++) bits[position] = halves[position] << 16;
  return new Float32Array(bits.buffer, bits.byteOffset, bits.length);
}

/** Integers of 64 bits, each rounded once to the nearest float64; the sign is in the upper halves. */
function joined({ buffer, byteOffset, byteLength }: Uint8Array, halves: Int32Array | Uint32Array): Float64Array {
  const lower = new Uint32Array(buffer, byteOffset, byteLength / 4);
  const numbers = float64s(byteLength / 8);
  for (let position = 0; position < numbers.length; position++) {
    numbers[position] = halves[2 * position + 1] * 2 ** 32 + lower[2 * position];
  }
  return numbers;
}
