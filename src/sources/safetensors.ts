import { RequestError } from '../errors/request-error.ts';
import { formatDtypes, parseHeader } from '../formats/safetensors/header.ts';
import { type Dtype, dtypes } from '../tensor/dtypes.ts';
import { elementCount } from '../tensor/tensor.ts';
import { inTurn } from './in-parallel.ts';
import type { Source } from './source.ts';
import { noSuchName, notReadable, SourceFault } from './source-fault.ts';
import { checkExtent, checkShape, type Described, type ReadHeader } from './stored-tensor.ts';

/** Room for 160 000 tensors. The reference implementation allows 100 MB, which would keep a thread busy for seconds. */
export const longestHeader = 2 ** 24;

const dtypeOf: Readonly<Record<string, Dtype>> = formatDtypes;

/** Reads the header of a safetensors file, in which `tensor` names a tensor, unless there is one only. */
export const readSafetensors: ReadHeader = async (source, { signal }) => {
  const { header, begin } = await readHeader(source, signal);
  const entries = new Map(Object.entries(header).filter(([name]) => name !== '__metadata__'));
  return ({ tensor }) => {
    const name = tensor ?? (entries.size === 1 ? [...entries.keys()][0] : undefined);
    if (name === undefined) throw missing(`the file has ${entries.size} tensors: say which one with tensor`);
    if (!entries.has(name)) throw missing(noSuchName('tensor', entries.size));
    return readEntry(entries.get(name), source, begin);
  };
};

function missing(message: string): SourceFault {
  return new SourceFault('SOURCE_NOT_READABLE', message, { place: '/tensor' });
}

async function readHeader(source: Source, signal: AbortSignal): Promise<{ header: Record<string, unknown>; begin: number }> {
  if (source.size < 8) throw notReadable(`the source has ${source.size} bytes, and is in none of the formats that are read`);
  const start = new Uint8Array(8);
  await source.read(0, start, signal);
  const length = new DataView(start.buffer).getBigUint64(0, true);
  const most = Math.min(longestHeader, source.size - 8);
  // most often it is no safetensors file at all
  if (length > most) throw notReadable('the source is neither safetensors nor .npy nor Parquet, or it was cut short in its header');
  const header = await inTurn(Number(length), async () => {
    const bytes = new Uint8Array(Number(length));
    await source.read(8, bytes, signal);
    return parsed(bytes);
  });
  return { header, begin: 8 + Number(length) };
}

function parsed(bytes: Uint8Array): Record<string, unknown> {
  try {
    return parseHeader(bytes);
  } catch (error) {
    // its detail quotes the header
    if (error instanceof RequestError)
      throw notReadable('the source is no safetensors file: its header is not a JSON object with distinct names');
    throw error;
  }
}

function readEntry(entry: unknown, source: Source, begin: number): Described {
  if (typeof entry !== 'object' || entry === null) throw notReadable('the entry of the tensor in the header is no object');
  const { dtype: code, shape: sizes, data_offsets: offsets } = entry as Readonly<Record<string, unknown>>;
  const dtype = typeof code === 'string' && Object.hasOwn(dtypeOf, code) ? dtypeOf[code] : undefined;
  if (dtype === undefined) throw notReadable(`the tensor has a dtype that is not read: expected one of ${Object.keys(dtypeOf).join(', ')}`);
  const shape = checkShape(sizes);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every((offset) => Number.isSafeInteger(offset) && offset >= 0)) {
    throw notReadable('the data_offsets of the tensor are no two offsets');
  }
  if (offsets[1] - offsets[0] !== elementCount(shape) * dtypes[dtype].size) {
    throw notReadable('the data_offsets of the tensor hold another number of bytes than its shape and dtype mean');
  }
  checkExtent(source, begin + offsets[0], { dtype, shape });
  return { dtype, shape, place: { offset: begin + offsets[0] } };
}
