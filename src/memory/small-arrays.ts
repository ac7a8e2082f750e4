/**
 * Arrays of zeros. Short ones share one slab, as Node's Buffers do: V8 allocates every typed array of more than 64 bytes outside
 * of its heap, and freeing it costs a small request more than its computation.
 */
const slabBytes = 2 ** 16;

/** Longer arrays have memory of their own. */
const maxBytes = 2 ** 12;

let slab = new ArrayBuffer(slabBytes);
let used = 0;

export function float64s(length: number): Float64Array {
  if (length * 8 > maxBytes) return new Float64Array(length);
  const at = reserve(length * 8);
  return new Float64Array(slab, at, length);
}

export function uint32s(length: number): Uint32Array {
  if (length * 4 > maxBytes) return new Uint32Array(length);
  const at = reserve(length * 4);
  return new Uint32Array(slab, at, length);
}

/** Reserves `bytes` in the slab, or in a new one, and returns their offset. No offset is reserved twice. */
function reserve(bytes: number): number {
  if (used + bytes > slabBytes) {
    slab = new ArrayBuffer(slabBytes);
    used = 0;
  }
  const at = used;
  used += (bytes + 7) & ~7;
  return at;
}
