import type { Numbers } from './tensor.ts';

/** Reads bytes that lie at a multiple of the element size. */
type Read = (bytes: Uint8Array) => Numbers;

// typed arrays have the byte order of the host, which is that of the format, little-endian, on x86 and Arm

/** The dtypes of safetensors that are numbers to compute with, their size in bytes, and how each is read: as it is, or exactly in float32. */
export const dtypes = {
  F64: { size: 8, read: ({ buffer, byteOffset, byteLength }) => new Float64Array(buffer, byteOffset, byteLength / 8) },
  F32: { size: 4, read: ({ buffer, byteOffset, byteLength }) => new Float32Array(buffer, byteOffset, byteLength / 4) },
  F16: { size: 2, read: ({ buffer, byteOffset, byteLength }) => new Float32Array(new Float16Array(buffer, byteOffset, byteLength / 2)) },
  BF16: { size: 2, read: readBfloat16 },
} as const satisfies Record<string, { size: number; read: Read }>;

export type Dtype = keyof typeof dtypes;

export const dtypeNames = Object.keys(dtypes) as Dtype[];

/** bfloat16 is the upper half of float32. */
function readBfloat16({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array {
  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  const bits = new Uint32Array(halves.length);
  for (let position = 0; position < halves.length; position++) bits[position] = halves[position] << 16;
  return new Float32Array(bits.buffer);
}
