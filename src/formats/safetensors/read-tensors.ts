import { parameterTensors } from '../../core/closed-forms/parameters.ts';
import { type SideName, sideNames, tensorNames } from '../../core/comparison.ts';
import { attempt, together } from '../../errors/fault-list.ts';
import { type Fault, RequestError, refuse, reportedFaults } from '../../errors/request-error.ts';
import { appendPointer, describeValue, quote } from '../../errors/wording.ts';
import { dtypes, readNumbers } from '../../tensor/dtypes.ts';
import { checkElementCount, readShape } from '../../tensor/shape.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import { readHeader } from './header.ts';

/** The dtypes of safetensors that the service reads. */
const formatDtypes = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  BOOL: 'bool',
  U8: 'uint8',
  I32: 'int32',
  I64: 'int64',
} as const;

type Dtype = keyof typeof formatDtypes;

const numbers: readonly Dtype[] = ['F64', 'F32', 'F16', 'BF16', 'U8', 'I32', 'I64'];

/** Which dtypes a tensor may have: ids of outcomes are integers, and weights may be flags. */
function allowedDtypes(name: string): readonly Dtype[] {
  if (name === 'weights') return [...numbers, 'BOOL'];
  return name.endsWith('.outcomes') ? ['I32', 'I64'] : numbers;
}

/** The tensors of a header, by their names. */
type Header = Readonly<Record<string, unknown>>;

/** The names of the tensors that a body may have, and of those that it must have and lacks. */
export type ExpectedTensors = { readonly known: readonly string[]; readonly missing: (header: Header) => readonly string[] };

/** Of a body whose sides are numbers along an axis, or lists of outcomes, which are two tensors each. */
export const bothSides: ExpectedTensors = {
  known: tensorNames.flatMap((name) => (name === 'weights' ? [name] : [name, ...partsOf(name)])),
  missing: (header) => sideNames.flatMap((name) => missingOf(name, header)),
};

/** A tensor of the header, and its position in the data: bytes `begin` to `end`. */
type Entry = {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
};

/**
 * Reads the tensors of a body in the safetensors format, by their names. If several are invalid, the error has the faults of all.
 * Aligned F64 and F32 tensors are views of the body, not copies. The caller must check the elements.
 * Format: https://github.com/huggingface/safetensors, section Format: a header of JSON, then the bytes, row-major, little-endian.
 * @throws RequestError INVALID_SAFETENSORS, UNKNOWN_FIELD, INVALID_VALUE, DATA_LENGTH_MISMATCH, or the faults of a shape
 */
export function readSafetensors(bytes: Uint8Array, maxElements: number, expected = bothSides): Readonly<Record<string, Tensor<Numbers>>> {
  const { header, data } = readHeader(bytes);
  checkNames(header, expected);
  checkMetadata(header);
  const given = expected.known.filter((name) => Object.hasOwn(header, name));
  const outcomes = given.map((name) => attempt(() => readEntry(name, header[name], data.byteLength, maxElements)));
  const entries = outcomes.filter((outcome): outcome is Entry => !(outcome instanceof RequestError));
  if (entries.length < outcomes.length) throw together(...outcomes);
  checkLayout(entries, data.byteLength);
  return Object.fromEntries(entries.map((entry) => [entry.name, tensorAt(entry, data)]));
}

function checkNames(header: Header, { known, missing: missingIn }: ExpectedTensors): void {
  const unknown = Object.keys(header).filter((name) => name !== '__metadata__' && !known.includes(name));
  const missing = missingIn(header);
  if (unknown.length + missing.length === 0) return;
  // unknown names come first: they often explain the missing one
  const faults = [...unknown.slice(0, reportedFaults).map((name) => unknownTensor(name, known)), ...missing.map(missingTensor)];
  throw new RequestError(faults, unknown.length + missing.length);
}

function partsOf(name: SideName): readonly string[] {
  return [`${name}.outcomes`, `${name}.values`];
}

/** A side is one tensor, or a list in two. */
function missingOf(name: SideName, header: Header): readonly string[] {
  if (Object.hasOwn(header, name)) return [];
  const parts = partsOf(name);
  const missing = parts.filter((part) => !Object.hasOwn(header, part));
  return missing.length === parts.length ? [name] : missing;
}

function unknownTensor(name: string, known: readonly string[]): Fault {
  const isParameter = (parameterTensors as readonly string[]).includes(name);
  const which = known.includes('input') ? 'input and target' : known.join(', ');
  const advice = isParameter
    ? 'whose parameters they are, input_kind and target_kind in the query of the URL say'
    : 'options go into the query of the URL';
  const detail = `expected only the tensors ${which}, got ${quote(name)}; ${advice}`;
  return { pointer: appendPointer('#', name), code: 'UNKNOWN_FIELD', detail };
}

function missingTensor(name: string): Fault {
  return { pointer: appendPointer('#', name), code: 'INVALID_VALUE', detail: `expected a tensor ${quote(name)}, got nothing` };
}

function checkMetadata(header: Readonly<Record<string, unknown>>): void {
  if (!Object.hasOwn(header, '__metadata__')) return;
  const metadata = header.__metadata__;
  const where = '#/__metadata__';
  if (!isObject(metadata)) throw refuse('INVALID_SAFETENSORS', where, `expected an object of texts, got ${describeValue(metadata)}`);
  const odd = Object.keys(metadata).find((key) => typeof metadata[key] !== 'string');
  if (odd !== undefined)
    throw refuse('INVALID_SAFETENSORS', appendPointer(where, odd), `expected a text, got ${describeValue(metadata[odd])}`);
}

const members = ['dtype', 'shape', 'data_offsets'];

function readEntry(name: string, value: unknown, held: number, maxElements: number): Entry {
  const pointer = appendPointer('#', name);
  if (!isObject(value))
    throw refuse('INVALID_SAFETENSORS', pointer, `expected {"dtype", "shape", "data_offsets"}, got ${describeValue(value)}`);
  const unknown = Object.keys(value).filter((key) => !members.includes(key));
  if (unknown.length > 0) {
    const faults = unknown.slice(0, reportedFaults).map((key) => unknownMember(key, pointer));
    throw new RequestError(faults, unknown.length);
  }
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

/** Rejects tensors that overlap, and bytes that belong to no tensor. */
function checkLayout(entries: readonly Entry[], held: number): void {
  const inOrder = entries.toSorted((a, b) => a.begin - b.begin);
  let end = 0;
  for (const [index, { name, begin, end: next }] of inOrder.entries()) {
    if (begin < end) {
      const before = inOrder[index - 1].name;
      throw refuse('INVALID_SAFETENSORS', '#', `${before} and ${name} overlap: ${name} begins at ${begin}, ${before} ends at ${end}`);
    }
    checkGap(end, begin, held);
    end = next;
  }
  checkGap(end, held, held);
}

function checkGap(from: number, to: number, held: number): void {
  if (to > from) throw refuse('INVALID_SAFETENSORS', '#', `bytes ${from} to ${to} of the ${held} bytes of data belong to no tensor`);
}

function tensorAt({ dtype, shape, begin, end }: Entry, data: Uint8Array): Tensor<Numbers> {
  return { shape, data: readNumbers(formatDtypes[dtype], data.subarray(begin, end)) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
