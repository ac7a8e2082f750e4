import type { Tensor } from '../../tensor/tensor.ts';

/**
 * Returns tensors of any shape, [] too, in the safetensors format, in pieces: F64, one after the other in the order given, not copied, and
 * aligned, because the header is padded with spaces to a multiple of 8 bytes. What `safetensors.numpy.load` reads.
 * Format: https://github.com/huggingface/safetensors, section Format.
 */
export function writeSafetensors(tensors: Readonly<Record<string, Tensor>>, metadata: Readonly<Record<string, string>>): Uint8Array[] {
  const header = paddedHeader(tensors, metadata);
  const start = new Uint8Array(8 + header.byteLength);
  new DataView(start.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  start.set(header, 8);
  return [start, ...Object.values(tensors).map(({ data }) => bytesOf(data))];
}

/** Returns the bytes of numbers where they lie. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function paddedHeader(tensors: Readonly<Record<string, Tensor>>, metadata: Readonly<Record<string, string>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: 'F64', shape, data_offsets: [begin, end] }] as const;
  });
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries([['__metadata__', metadata], ...entries])));
  const padded = new Uint8Array(Math.ceil(header.byteLength / 8) * 8).fill(0x20);
  padded.set(header);
  return padded;
}
