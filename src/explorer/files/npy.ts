import { type ByteTensor, type DtypeName, dtypes } from '../tensors/dtype.ts';
import { sizeOf, stridesOf } from '../tensors/tensor.ts';

/** The dtypes of NumPy by kind and size. */
const named: Readonly<Record<string, DtypeName>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u8: 'U64',
  u4: 'U32',
  u2: 'U16',
  u1: 'U8',
  b1: 'BOOL',
};

/** An array of text, objects or records, or of a number type that the page does not read. */
export class UnknownDtype extends Error {}

/**
 * Returns the tensor of a .npy file.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws UnknownDtype where the array is not of numbers that the page reads, and Error where the file is no such array, or cut short
 */
export function readNpy(bytes: Uint8Array): ByteTensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 12 || view.getUint32(0) !== 0x934e554d) throw new Error('it does not begin as a .npy file does');
  const isFirst = bytes[6] === 1;
  const begin = isFirst ? 10 : 12;
  const end = begin + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder().decode(bytes.subarray(begin, end));
  const [, order, code] = /'descr':\s*'([<>|=])(\w\d+)'/.exec(header) ?? [];
  const [, inFortran] = /'fortran_order':\s*(True|False)/.exec(header) ?? [];
  const [, lengths] = /'shape':\s*\(([\d,\s]*)\)/.exec(header) ?? [];
  const dtype = named[code ?? ''];
  if (dtype === undefined || lengths === undefined)
    throw new UnknownDtype(`its numbers have a type that this page does not read: ${header.trim()}`);
  const shape = [...lengths.matchAll(/\d+/g)].map(Number);
  const { size } = dtypes[dtype];
  const data = bytes.slice(end, end + size * sizeOf(shape));
  if (data.byteLength < size * sizeOf(shape)) throw new Error('it is cut short');
  const numbers = order === '>' ? swapped(data, size) : data;
  return { dtype, shape, bytes: inFortran === 'True' ? fromFortran(numbers, shape, size) : numbers };
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.map((_, place) => bytes[place - (place % size) + size - 1 - (place % size)]);
}

/** Returns row-major bytes of numbers that lie column by column. */
function fromFortran(bytes: Uint8Array, shape: readonly number[], size: number): Uint8Array {
  const strides = stridesOf(shape);
  const columns = stridesOf(shape.toReversed()).reverse();
  const result = new Uint8Array(bytes.byteLength);
  for (let position = 0; position < bytes.byteLength / size; position++) {
    const from = strides.reduce((sum, stride, axis) => sum + (Math.floor(position / stride) % shape[axis]) * columns[axis], 0);
    result.set(bytes.subarray(from * size, (from + 1) * size), position * size);
  }
  return result;
}
