import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetSchema, type RowGroup, type SchemaTree } from 'hyparquet';
import type { Dtype } from '../tensor/dtypes.ts';
import type { Source } from './source.ts';
import { noSuchName, notReadable, SourceFault } from './source-fault.ts';
import { checkShape, type FindTensor, type ReadHeader } from './stored-tensor.ts';

/** A row group is decoded as a whole, so what it may hold of a column is bounded. */
const mostNumbers = 2 ** 23;

/** The footer is parsed where requests are answered, and a column of a row group where a job is computed. */
const longestFooter = 2 ** 24;
const longestPiece = 2 ** 28;

/** The physical types of numbers, and what they are decoded to: exactly, but for integers of more than 53 bits. */
const numberTypes: Readonly<Record<string, Dtype>> = {
  DOUBLE: 'float64',
  FLOAT: 'float32',
  INT32: 'float64',
  INT64: 'float64',
  BOOLEAN: 'float64',
  FIXED_LEN_BYTE_ARRAY: 'float32',
};

export function isParquet(begin: Uint8Array): boolean {
  return String.fromCharCode(...begin.subarray(0, 4)) === 'PAR1';
}

/** Reads the footer of a Parquet file. */
export const readParquet: ReadHeader = async (source, { signal }) => columnsOf(await readMetadata(source, signal));

/** Finds the column that `column` names, or the only one: of numbers, or of lists of numbers of one length. */
const columnsOf =
  (metadata: FileMetaData): FindTensor =>
  ({ column }) => {
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const name = column ?? (names.length === 1 ? names[0] : undefined);
    if (name === undefined) throw wrongColumn(`the file has ${names.length} columns: say which one with column`);
    if (!names.includes(name)) throw wrongColumn(noSuchName('column', names.length));
    const { dtype, isList } = typeOf(metadata, name);
    const rows = Number(metadata.num_rows);
    if (rows === 0) throw new SourceFault('EMPTY_TENSOR', 'the column has no rows');
    const lengths = metadata.row_groups.filter(({ num_rows }) => num_rows > 0).map((group) => lengthIn(group, name));
    const ragged = lengths.findIndex((length) => length !== lengths[0] || !Number.isInteger(length));
    if (ragged !== -1)
      throw wrongColumn(
        `the lists of the column differ in length in row group ${ragged}, or one is null: every row must be a list of one length`,
      );
    return { dtype, shape: checkShape(isList ? [rows, lengths[0]] : [rows]), place: { column: name } };
  };

function wrongColumn(message: string): SourceFault {
  return new SourceFault('SOURCE_NOT_READABLE', message, { place: '/column' });
}

/** What is stored in a column: numbers, or lists of them. @throws SourceFault SOURCE_NOT_READABLE */
function typeOf(metadata: FileMetaData, name: string): { dtype: Dtype; isList: boolean } {
  let node = parquetSchema(metadata).children.find(({ element }) => element.name === name) as SchemaTree;
  let lists = node.element.repetition_type === 'REPEATED' ? 1 : 0;
  for (let depth = 0; node.children.length > 0; depth++) {
    if (node.children.length > 1 || depth === 2) throw wrongColumn('the column holds structures: expected numbers, or lists of numbers');
    [node] = node.children;
    if (node.element.repetition_type === 'REPEATED') lists++;
  }
  if (lists > 1 || (lists === 0 && node.path.length > 1))
    throw wrongColumn('the column holds lists of lists or structures: expected numbers, or lists of numbers');
  const { type = '', converted_type: converted, logical_type: logical } = node.element;
  const isNumber = (converted === undefined || /^U?INT_/.test(converted)) && (logical === undefined || logical.type === 'INTEGER');
  const isHalf = type === 'FIXED_LEN_BYTE_ARRAY' && logical?.type === 'FLOAT16';
  if (!Object.hasOwn(numberTypes, type) || !(type === 'FIXED_LEN_BYTE_ARRAY' ? isHalf : isNumber)) {
    throw wrongColumn('the column holds no numbers: expected floating point, integers or booleans, or lists of them');
  }
  return { dtype: numberTypes[type], isList: lists === 1 };
}

/** The length of the lists in a row group, if they have one. */
function lengthIn({ columns, num_rows }: RowGroup, name: string): number {
  const { meta_data, file_path } = columns.find((column) => column.meta_data?.path_in_schema[0] === name) ?? {};
  if (meta_data === undefined || file_path !== undefined) throw wrongColumn('the column is encrypted, or stands in another file');
  if (meta_data.num_values > mostNumbers) {
    const numbers = `a row group of the column holds ${meta_data.num_values} numbers; at most ${mostNumbers} are accepted`;
    throw wrongColumn(`${numbers}: write the file with smaller row groups, row_group_size in pyarrow`);
  }
  return Number(meta_data.num_values) / Number(num_rows);
}

/** Reads the footer, which says where everything is. @throws SourceFault SOURCE_NOT_READABLE */
export async function readMetadata(source: Source, signal: AbortSignal): Promise<FileMetaData> {
  const metadata = await parsing(() => parquetMetadataAsync(bufferOf(source, signal, longestFooter), { geoparquet: false }), signal);
  const rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  if (rows !== metadata.num_rows || rows > Number.MAX_SAFE_INTEGER)
    throw notReadable('the Parquet file is damaged: its row groups are not its rows');
  return metadata;
}

/** A source as hyparquet reads it. */
export function bufferOf(source: Source, signal: AbortSignal, longest = longestPiece): AsyncBuffer {
  return {
    byteLength: source.size,
    async slice(start, end = source.size) {
      const length = end - start;
      if (!(start >= 0 && length >= 0 && end <= source.size)) throw notReadable('the Parquet file is cut short');
      if (length > longest) throw notReadable(`the Parquet file has a part of ${length} bytes: write it with smaller row groups`);
      const bytes = new Uint8Array(length);
      await source.read(start, bytes, signal);
      return bytes.buffer;
    },
  };
}

/** Takes a step of parsing. @throws SourceFault SOURCE_NOT_READABLE instead of the errors of the parser, which may quote the file */
export async function parsing<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await step();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SourceFault) throw error;
    throw notReadable('the Parquet file is damaged, or it is encoded in a way that is not read');
  }
}
