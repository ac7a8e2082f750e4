import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compressors, type DecodedArray, type FileMetaData, parquetScan } from 'hyparquet';
import { compressors as others } from 'hyparquet-compressors';
import { dtypes } from '../tensor/dtypes.ts';
import { bufferOf, parsing, readMetadata } from './parquet.ts';
import type { Source } from './source.ts';
import { SourceFault } from './source-fault.ts';
import type { StoredTensor, TensorPart } from './stored-tensor.ts';

// those of Node are faster, and stop where a page is longer than it says
const bounded =
  (decompress: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array) => (input: Uint8Array, length: number) =>
    decompress(input, { maxOutputLength: Math.max(1, length) });

const compressors: Compressors = {
  ...others,
  GZIP: bounded(gunzipSync),
  BROTLI: bounded(brotliDecompressSync),
  ZSTD: bounded(zstdDecompressSync),
};

/** The rows of a part from `first` to `end`, decoded. */
type RowGroupNumbers = { readonly part: TensorPart; readonly first: number; readonly end: number; readonly bytes: Promise<Uint8Array> };

/**
 * What was decoded of a tensor, as long as the tensor itself is there: a row group can only be decoded as a whole, and is read in pieces.
 * It holds the footers of its files and the row group that was read last.
 */
type Decoded = { readonly footers: Map<TensorPart, Promise<FileMetaData>>; last?: RowGroupNumbers | undefined };

const decoded = new WeakMap<StoredTensor, Decoded>();

/** The rows of a column to read: those of a part from `from` up to `to`. */
type Rows = {
  readonly tensor: StoredTensor;
  readonly part: TensorPart;
  readonly column: string;
  readonly from: number;
  readonly to: number;
};

/**
 * Fills `into` with rows of a column, in the dtype of the tensor.
 * @throws SourceFault SOURCE_NOT_READABLE, with the first row that is null, holds a null, or is of another length
 */
export async function readColumn(source: Source, rows: Rows, into: Uint8Array, signal: AbortSignal): Promise<void> {
  const { tensor, part, from, to } = rows;
  const kept: Decoded = decoded.get(tensor) ?? { footers: new Map() };
  decoded.set(tensor, kept);
  const metadata = await once(kept.footers, part, () => readMetadata(source, signal));
  const size = into.byteLength / (to - from);
  for (let at = from; at < to; ) {
    if (kept.last?.part !== part || at < kept.last.first || at >= kept.last.end) {
      kept.last = { part, ...groupAt(metadata, at, (first, end) => decode(source, { ...rows, metadata, first, end }, signal)) };
    }
    const { first, end, bytes } = kept.last;
    const last = Math.min(to, end);
    const group = await bytes.catch((error) => {
      kept.last = undefined;
      throw error;
    });
    into.set(group.subarray((at - first) * size, (last - first) * size), (at - from) * size);
    at = last;
  }
}

/** The row group that holds a row. */
function groupAt({ row_groups }: FileMetaData, row: number, decode: (first: number, end: number) => Promise<Uint8Array>) {
  let end = 0;
  for (const { num_rows } of row_groups) {
    const first = end;
    end += Number(num_rows);
    if (row < end) return { first, end, bytes: decode(first, end) };
  }
  throw new SourceFault('SOURCE_CHANGED', 'the source has changed: it has fewer rows than when the job was submitted');
}

type RowGroup = Rows & { readonly metadata: FileMetaData; readonly first: number; readonly end: number };

async function decode(source: Source, { tensor, column, metadata, first, end }: RowGroup, signal: AbortSignal): Promise<Uint8Array> {
  const values = await parsing(async () => {
    const scan = await parquetScan({ file: bufferOf(source, signal), metadata, columns: [column], compressors, useOffsetIndex: false });
    return scan.readColumn({ column, rowStart: first, rowEnd: end });
  }, signal);
  const bytes = new Uint8Array((end - first) * dtypes[tensor.dtype].size * (tensor.shape[1] ?? 1));
  const numbers = tensor.dtype === 'float32' ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
  copy(values, numbers, tensor.shape[1], first);
  return bytes;
}

/** Copies rows, each a number or a list of `length` numbers. */
function copy(values: DecodedArray, numbers: Float32Array | Float64Array, length: number | undefined, first: number): void {
  for (let row = 0; row < numbers.length / (length ?? 1); row++) {
    const list: ArrayLike<unknown> = length === undefined ? [values[row]] : (values[row] ?? []);
    if (values[row] === null || values[row] === undefined) throw wrongRow(first + row, 'is null');
    if (list.length !== (length ?? 1))
      throw wrongRow(first + row, `has ${list.length} numbers, and the rows of the first row group ${length}`);
    for (let place = 0; place < list.length; place++) {
      const value = list[place];
      if (value === null || value === undefined) throw wrongRow(first + row, `has a null at ${place}`);
      numbers[row * list.length + place] = Number(value);
    }
  }
}

function wrongRow(row: number, what: string): SourceFault {
  return new SourceFault('SOURCE_NOT_READABLE', `row ${row} of the column ${what}`);
}

/** The value of a key, made when it is first asked for, and again if that failed. */
function once<Key, Value>(made: Map<Key, Promise<Value>>, key: Key, make: () => Promise<Value>): Promise<Value> {
  const known = made.get(key);
  if (known !== undefined) return known;
  const value = make();
  made.set(key, value);
  value.catch(() => made.delete(key));
  return value;
}
