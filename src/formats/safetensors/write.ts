import type { Tensor } from '../../tensor/tensor.ts';

/**
 * Writes tensors of any shape, [] too, in the safetensors format: F64, one after the other in the order given, and aligned, because the
 * header is padded with spaces to a multiple of 8 bytes. What `safetensors.numpy.load` reads.
 * Format: https://github.com/huggingface/safetensors, section Format.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header = paddedHeader(tensors, metadata);
  const sizes = Object.values(tensors).map(({ data }) => data.byteLength);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 8 + header.byteLength));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  bytes.set(header, 8);
  let offset = 8 + header.byteLength;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
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
