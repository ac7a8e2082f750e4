import type { Dtype } from '../tensor/dtypes.ts';
import { readColumn } from './parquet-rows.ts';
import type { Access, Source } from './source.ts';
import type { Sources } from './sources.ts';
import { rowBytes, type StoredTensor, type TensorPart } from './stored-tensor.ts';

/** Numbers as they are stored: row-major, little-endian. */
export type StoredRows = { readonly dtype: Dtype; readonly bytes: Uint8Array };

/** Reads rows of a tensor, one call at a time. The source that it read last stays open until the rows lie in another, or it is closed. */
export type RowReader = {
  /**
   * Reads the rows `from` to `to` of the leading axis, the last not included, across parts.
   * @param into memory of at least so many bytes, whose start is filled: new memory costs more time than a read from the page cache
   * @throws SourceFault SOURCE_CHANGED where a source is not what it was when the tensor was described, SOURCE_UNREACHABLE
   */
  readonly read: (from: number, to: number, into?: Uint8Array) => Promise<StoredRows>;
  readonly close: () => Promise<void>;
};

export function rowReader(sources: Sources, tensor: StoredTensor, access: Access): RowReader {
  const { signal } = access;
  const size = rowBytes(tensor);
  let opened: { readonly part: TensorPart; readonly source: Source } | undefined;

  async function close(): Promise<void> {
    const { source } = opened ?? {};
    opened = undefined;
    await source?.close();
  }

  async function sourceOf(part: TensorPart): Promise<Source> {
    if (opened?.part !== part) {
      await close();
      opened = { part, source: await sources.open(part.uri, { ...access, pin: part.pin }) };
    }
    return opened.source;
  }

  return {
    async read(from, to, into) {
      const length = (to - from) * size;
      // every byte is written before anything reads it
      const bytes = into?.subarray(0, length) ?? new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
      if (bytes.byteLength < length) throw new RangeError(`${length} bytes do not fit into ${bytes.byteLength}`);
      let first = 0;
      for (const part of tensor.parts) {
        const [begin, end] = [Math.max(from, first), Math.min(to, first + part.rows)];
        if (begin < end) {
          const place = bytes.subarray((begin - from) * size, (end - from) * size);
          const source = await sourceOf(part);
          if ('offset' in part) await source.read(part.offset + (begin - first) * size, place, signal);
          else await readColumn(source, { tensor, part, column: part.column, from: begin - first, to: end - first }, place, signal);
        }
        first += part.rows;
      }
      return { dtype: tensor.dtype, bytes };
    },
    close,
  };
}
