import { freedLater, takeMemory, takeRoom } from './task-memory.ts';

/**
 * Arrays of zeros. Short ones share one slab, as Node's Buffers do: V8 allocates every typed array of more than 64 bytes outside
 * of its heap, and freeing it costs a small request more than its computation. Long ones count as memory of the task.
 */
const slabBytes = 2 ** 16;

/** Longer arrays have memory of their own. */
const maxBytes = 2 ** 12;

let slab = new ArrayBuffer(slabBytes);
let used = 0;

type Constructor<T> = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer, offset: number, length: number): T };

const noFloat64s = new Float64Array(0);

export function float64s(length: number): Float64Array<ArrayBuffer> {
  return length === 0 ? noFloat64s : arrayOf(Float64Array, length);
}

/** A copy of numbers, as float64. */
export function float64sOf(numbers: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const copy = float64s(numbers.length);
  copy.set(numbers);
  return copy;
}

export function float32s(length: number): Float32Array<ArrayBuffer> {
  return arrayOf(Float32Array, length);
}

export function uint32s(length: number): Uint32Array<ArrayBuffer> {
  return arrayOf(Uint32Array, length);
}

export function uint8s(length: number): Uint8Array<ArrayBuffer> {
  return arrayOf(Uint8Array, length);
}

export function int32s(length: number): Int32Array<ArrayBuffer> {
  return arrayOf(Int32Array, length);
}

/** Numbers that hold anything until they are written, for long arrays that are written once. */
export function unsetFloat64s(length: number): Float64Array {
  return takeRoom(length) ?? float64s(length);
}

export function unsetInt32s(length: number): Int32Array {
  const room = takeRoom(Math.ceil(length / 2));
  return room === undefined ? int32s(length) : new Int32Array(room.buffer, room.byteOffset, length);
}

export function unsetUint32s(length: number): Uint32Array {
  const { buffer, byteOffset } = unsetInt32s(length);
  return new Uint32Array(buffer, byteOffset, length);
}

/** @throws RequestError OVERLOADED where the task may not take so much memory */
function arrayOf<T extends ArrayBufferView>(ArrayType: Constructor<T>, length: number): T {
  const size = length * ArrayType.BYTES_PER_ELEMENT;
  if (size <= maxBytes) {
    // first, since it may take another slab
    const at = reserve(size);
    return new ArrayType(slab, at, length);
  }
  takeMemory(size);
  return new ArrayType(freedLater(new ArrayBuffer(size)), 0, length);
}

/** Reserves `size` bytes in the slab, or in a new one, and returns their offset. No offset is reserved twice. */
function reserve(size: number): number {
  if (used + size > slabBytes) {
    slab = new ArrayBuffer(slabBytes);
    used = 0;
  }
  const at = used;
  used += (size + 7) & ~7;
  return at;
}
