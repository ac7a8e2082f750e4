import type { Dtype } from '../tensor/dtypes.ts';
import { readColumn } from './parquet-rows.ts';
import type { Access } from './source.ts';
import type { Sources } from './sources.ts';
import { rowBytes, type StoredTensor } from './stored-tensor.ts';

/** Numbers as they are stored: row-major, little-endian, at the start of memory of their own. */
export type StoredRows = { readonly dtype: Dtype; readonly bytes: Uint8Array };

/**
 * Reads the rows `from` to `to` of the leading axis, the last not included, across parts. Several calls may run at the same time.
 * @throws SourceFault SOURCE_CHANGED where a source is not what it was when the tensor was described, SOURCE_UNREACHABLE
 */
export async function readRows(sources: Sources, tensor: StoredTensor, from: number, to: number, access: Access): Promise<StoredRows> {
  const size = rowBytes(tensor);
  // every byte is written before anything reads it
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow((to - from) * size).buffer);
  let first = 0;
  for (const part of tensor.parts) {
    const { uri, pin, rows } = part;
    const [begin, end] = [Math.max(from, first), Math.min(to, first + rows)];
    if (begin < end) {
      const into = bytes.subarray((begin - from) * size, (end - from) * size);
      const source = await sources.open(uri, { ...access, pin });
      try {
        if ('offset' in part) await source.read(part.offset + (begin - first) * size, into, access.signal);
        else await readColumn(source, { tensor, part, column: part.column, from: begin - first, to: end - first }, into, access.signal);
      } finally {
        await source.close();
      }
    }
    first += rows;
  }
  return { dtype: tensor.dtype, bytes };
}
