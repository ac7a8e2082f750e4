import type { Dtype } from '../tensor/dtypes.ts';
import { notReadable } from './source-fault.ts';
import { checkExtent, checkShape, type ReadHeader } from './stored-tensor.ts';

const formatDtypes: Readonly<Record<string, Dtype>> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  b1: 'bool',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
};

export function isNpy(begin: Uint8Array): boolean {
  return begin[0] === 0x93 && String.fromCharCode(...begin.subarray(1, 6)) === 'NUMPY';
}

/**
 * Finds the array of a .npy file in C order.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html; the length of the header takes 2 bytes in version 1, 4
 * later.
 */
export const readNpy: ReadHeader = async (source, { signal }) => {
  const start = new Uint8Array(Math.min(12, source.size));
  await source.read(0, start, signal);
  const isFirst = start[6] === 1;
  const begin = isFirst ? 10 : 12;
  if (start.byteLength < begin) throw notReadable('the .npy file is cut short in its header');
  const view = new DataView(start.buffer);
  const end = begin + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true));
  // NumPy itself refuses headers above 10 000 bytes unless it is told to trust the file
  if (end > Math.min(source.size, 2 ** 16)) throw notReadable('the .npy file is cut short in its header, or its header is above 64 KiB');
  const header = new Uint8Array(end - begin);
  await source.read(begin, header, signal);
  const { dtype, shape } = readHeader(new TextDecoder().decode(header));
  checkExtent(source, end, { dtype, shape });
  return () => ({ dtype, shape, place: { offset: end } });
};

/** Reads the header, a Python dict of three entries. */
function readHeader(text: string) {
  const [, order, code] = /'descr':\s*'([<>|=])(\w\d+)'/.exec(text) ?? [];
  const [, fortran] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, sizes] = /'shape':\s*\(([\d,\s]*)\)/.exec(text) ?? [];
  if (sizes === undefined || fortran === undefined) throw notReadable('the header of the .npy file is not one that NumPy writes');
  if (code === undefined || !Object.hasOwn(formatDtypes, code)) {
    throw notReadable(`the array has a dtype that is not read: expected one of ${Object.values(formatDtypes).join(', ')}`);
  }
  if (order === '>') throw notReadable('the numbers of the array are big-endian: save array.astype(array.dtype.newbyteorder("<"))');
  const shape = checkShape([...sizes.matchAll(/\d+/g)].map(Number));
  if (fortran === 'True' && shape.length > 1) throw notReadable('the array is in Fortran order: save numpy.ascontiguousarray(array)');
  return { dtype: formatDtypes[code], shape };
}
