import type { Dtype } from '../tensor/dtypes.ts';
import { readColumn } from './parquet-rows.ts';
import type { Access } from './source.ts';
import type { Sources } from './sources.ts';
import { rowBytes, type StoredTensor } from './stored-tensor.ts';

/** Numbers as they are stored: row-major, little-endian. */
export type StoredRows = { readonly dtype: Dtype; readonly bytes: Uint8Array };

/**
 * Reads the rows `from` to `to` of the leading axis, the last not included, across parts. Several calls may run at the same time.
 * @param into memory of at least so many bytes, whose start is filled: new memory costs more time than a read from the page cache
 * @throws SourceFault SOURCE_CHANGED where a source is not what it was when the tensor was described, SOURCE_UNREACHABLE
 */
export async function readRows(
  sources: Sources,
  tensor: StoredTensor,
  from: number,
  to: number,
  { into, ...access }: Access & { readonly into?: Uint8Array },
): Promise<StoredRows> {
  const size = rowBytes(tensor);
  const length = (to - from) * size;
  // every byte is written before anything reads it
  const bytes = into?.subarray(0, length) ?? new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  if (bytes.byteLength < length) throw new RangeError(`${length} bytes do not fit into ${bytes.byteLength}`);
  let first = 0;
  for (const part of tensor.parts) {
    const { uri, pin, rows } = part;
    const [begin, end] = [Math.max(from, first), Math.min(to, first + rows)];
    if (begin < end) {
      const place = bytes.subarray((begin - from) * size, (end - from) * size);
      const source = await sources.open(uri, { ...access, pin });
      try {
        if ('offset' in part) await source.read(part.offset + (begin - first) * size, place, access.signal);
        else await readColumn(source, { tensor, part, column: part.column, from: begin - first, to: end - first }, place, access.signal);
      } finally {
        await source.close();
      }
    }
    first += rows;
  }
  return { dtype: tensor.dtype, bytes };
}
