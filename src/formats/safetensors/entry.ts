import { refuseEach } from '../../errors/fault-list.ts';
import { type Fault, refuse } from '../../errors/request-error.ts';
import { appendPointer, describeValue, isObject, quote } from '../../errors/wording.ts';
import { dtypes, isView, tensorOfBytes } from '../../tensor/dtypes.ts';
import { checkElementCount, readShape } from '../../tensor/shape.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import { formatDtypes } from './header.ts';

type Dtype = keyof typeof formatDtypes;

const all = Object.keys(formatDtypes) as Dtype[];

const numbers = all.filter((dtype) => dtype !== 'BOOL');

/** Which dtypes a tensor may have: ids of outcomes are integers, and weights may be flags. */
function allowedDtypes(name: string): readonly Dtype[] {
  if (name === 'weights') return all;
  return name.endsWith('.outcomes') ? ['I32', 'I64'] : numbers;
}

/** A tensor of the header, and its position in the data: bytes `begin` to `end`. */
export type Entry = {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
};

const members = ['dtype', 'shape', 'data_offsets'];

/** @throws RequestError INVALID_SAFETENSORS, INVALID_VALUE, UNKNOWN_FIELD, DATA_LENGTH_MISMATCH, or the faults of a shape */
export function readEntry(name: string, value: unknown, held: number, maxElements: number): Entry {
  const pointer = appendPointer('#', name);
  if (!isObject(value))
    throw refuse('INVALID_SAFETENSORS', pointer, `expected {"dtype", "shape", "data_offsets"}, got ${describeValue(value)}`);
  const unknown = Object.keys(value).filter((key) => !members.includes(key));
  refuseEach(unknown, (key) => unknownMember(key, pointer));
  const dtype = readDtype(value.dtype, allowedDtypes(name), appendPointer(pointer, 'dtype'));
  const shape = readShape(value.shape, appendPointer(pointer, 'shape'), name !== 'input' && name !== 'target');
  const count = checkElementCount(shape, maxElements, appendPointer(pointer, 'shape'));
  const where = appendPointer(pointer, 'data_offsets');
  const [begin, end] = readOffsets(value.data_offsets, held, where);
  const expected = count * dtypes[formatDtypes[dtype]].size;
  if (end - begin !== expected) {
    const promised = `shape [${shape.join(', ')}] of ${dtype} means ${expected} bytes`;
    throw refuse('DATA_LENGTH_MISMATCH', where, `${promised}, data_offsets [${begin}, ${end}] hold ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

function unknownMember(key: string, pointer: string): Fault {
  const detail = `a tensor of a safetensors header has no ${quote(key)}: its members are ${members.join(', ')}`;
  return { pointer: appendPointer(pointer, key), code: 'UNKNOWN_FIELD', detail };
}

function readDtype(value: unknown, allowed: readonly Dtype[], pointer: string): Dtype {
  const dtype = allowed.find((name) => name === value);
  if (dtype === undefined) throw refuse('INVALID_VALUE', pointer, `expected one of ${allowed.join(', ')}, got ${describeValue(value)}`);
  return dtype;
}

function readOffsets(value: unknown, held: number, pointer: string): [begin: number, end: number] {
  if (!Array.isArray(value) || value.length !== 2 || !value.every((offset) => Number.isSafeInteger(offset) && offset >= 0)) {
    throw refuse('INVALID_SAFETENSORS', pointer, `expected two offsets, integers from 0 on, got ${offsetsInWords(value)}`);
  }
  const [begin, end] = value;
  if (begin > end) throw refuse('INVALID_SAFETENSORS', pointer, `data_offsets [${begin}, ${end}] end before they begin`);
  if (end > held) {
    const detail = `data_offsets [${begin}, ${end}] reach beyond the ${held} bytes of data in the body, which may have been cut short`;
    throw refuse('INVALID_SAFETENSORS', pointer, detail);
  }
  return [begin, end];
}

function offsetsInWords(value: unknown): string {
  return Array.isArray(value) && value.length === 2 ? `[${value.map(describeValue).join(', ')}]` : describeValue(value);
}

/** The tensor of an entry: a view of the data where its dtype and its place allow it, and a copy elsewhere. */
export function tensorAt({ dtype, shape, begin, end }: Entry, data: Uint8Array): Tensor<Numbers> {
  return tensorOfBytes(formatDtypes[dtype], data.subarray(begin, end), { shape });
}

/** Whether that is a view. */
export function becomesView({ dtype, begin, end }: Entry, data: Uint8Array): boolean {
  return isView(formatDtypes[dtype], data.subarray(begin, end));
}

/** Where in the data the first `count` elements end. */
export function endOfElements({ dtype, begin, end }: Entry, count: number): number {
  return Math.min(end, begin + count * dtypes[formatDtypes[dtype]].size);
}
