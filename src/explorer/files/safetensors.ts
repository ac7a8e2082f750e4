import { type ByteTensor, isDtype } from '../tensors/dtype.ts';

type Entry = { readonly dtype: string; readonly shape: readonly number[]; readonly data_offsets: readonly [number, number] };

type Header = { readonly __metadata__?: Readonly<Record<string, string>> } & Readonly<Record<string, Entry>>;

/**
 * Returns the tensors of a safetensors file whose numbers have a known type, and its metadata.
 * Format: https://github.com/huggingface/safetensors
 * @throws Error where the bytes are no such file
 */
export function readSafetensors(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength < 8 ? Number.POSITIVE_INFINITY : Number(view.getBigUint64(0, true));
  if (length > bytes.byteLength - 8) throw new Error('it does not begin as a safetensors file does');
  const { __metadata__: metadata = {}, ...entries }: Header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = new Map<string, ByteTensor>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries)) {
    const [begin, end] = offsets.map((offset) => 8 + length + offset);
    if (isDtype(dtype)) tensors.set(name, { dtype, shape, bytes: bytes.subarray(begin, end) });
  }
  return { tensors, metadata };
}

/** Returns tensors in the safetensors format: what stands before their bytes, and these, which are not copied. */
export function writeSafetensors(tensors: Readonly<Record<string, ByteTensor>>): Uint8Array<ArrayBuffer>[] {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
    const begin = end;
    end += bytes.byteLength;
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const text = JSON.stringify(Object.fromEntries(entries));
  const header = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const head = new Uint8Array(8 + header.byteLength);
  new DataView(head.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  head.set(header, 8);
  return [head, ...Object.values(tensors).map(({ bytes }) => bytes as Uint8Array<ArrayBuffer>)];
}
