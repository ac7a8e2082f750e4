export const rowLength = 100;

/** Normally distributed numbers of float32, the same for the same seed (not 0). */
export function normals(seed: number, count: number): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(count);
  const uniform = uniforms(seed);
  for (let k = 0; k < count; k++) numbers[k] = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return numbers;
}

/** The two tensors that every group works on, as many elements each. */
export function operands(elements: number): { input: Float32Array<ArrayBuffer>; target: Float32Array<ArrayBuffer> } {
  return { input: normals(11, elements), target: normals(12, elements) };
}

/** Xorshift of 32 bits; between 0 and 1, both excluded. */
export function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
}
