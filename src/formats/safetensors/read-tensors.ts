import { parameterTensors } from '../../core/closed-forms/parameters.ts';
import { type SideName, sideNames, tensorNames } from '../../core/comparison.ts';
import { attemptAll } from '../../errors/fault-list.ts';
import { type Fault, RequestError, refuse, reportedFaults } from '../../errors/request-error.ts';
import { appendPointer, describeValue, isObject, quote } from '../../errors/wording.ts';
import { likelyMeant } from '../../schema/parse-request.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import { type Entry, readEntry, tensorAt } from './entry.ts';
import { endOfHeader, readHeader } from './header.ts';

/** The tensors of a header, by their names. */
type Header = Readonly<Record<string, unknown>>;

/** The names of the tensors that a body may have, and of those that it must have and lacks. */
export type ExpectedTensors = { readonly known: readonly string[]; readonly missing: (header: Header) => readonly string[] };

/** Of a body whose sides are numbers along an axis, or lists of outcomes, which are two tensors each. */
export const bothSides: ExpectedTensors = {
  known: tensorNames.flatMap((name) => (name === 'weights' ? [name] : [name, ...partsOf(name)])),
  missing: (header) => sideNames.flatMap((name) => missingOf(name, header)),
};

/** The tensors of a body as its header has them, and the bytes that they lie in. */
export type Layout = { readonly entries: readonly Entry[]; readonly data: Uint8Array };

/**
 * Reads the header of a body, and none of its data. If several tensors are invalid, the error has the faults of all.
 * Format: https://github.com/huggingface/safetensors, section Format: a header of JSON, then the bytes, row-major, little-endian.
 * @throws RequestError INVALID_SAFETENSORS, UNKNOWN_FIELD, INVALID_VALUE, DATA_LENGTH_MISMATCH, or the faults of a shape
 */
export function readLayout(bytes: Uint8Array, maxElements: number, expected: ExpectedTensors): Layout {
  return knownLayout(bytes, maxElements, expected) ?? newLayout(bytes, maxElements, expected);
}

/** What the entries of a header depend on, and what they are. */
type KnownEntries = {
  /** The header with its length, from the first byte of the body on. */
  readonly head: Buffer;
  readonly length: number;
  readonly maxElements: number;
  readonly expected: ExpectedTensors;
  readonly entries: readonly Entry[];
};

/** The entries of the last body. Mostly the next body has the same header, and comparing headers takes far less than reading one. */
let last: KnownEntries | undefined;

function knownLayout(bytes: Uint8Array, maxElements: number, expected: ExpectedTensors): Layout | undefined {
  if (last === undefined || last.length !== bytes.length || last.maxElements !== maxElements || last.expected !== expected)
    return undefined;
  const end = last.head.length;
  return last.head.equals(bytes.subarray(0, end)) ? { entries: last.entries, data: bytes.subarray(end) } : undefined;
}

function newLayout(bytes: Uint8Array, maxElements: number, expected: ExpectedTensors): Layout {
  const { header, data } = readHeader(bytes);
  checkNames(header, expected);
  checkMetadata(header);
  const given = expected.known.filter((name) => Object.hasOwn(header, name));
  const entries = attemptAll(given.map((name) => () => readEntry(name, header[name], data.byteLength, maxElements)));
  checkLayout(entries, data.byteLength);
  const head = Buffer.from(bytes.subarray(0, endOfHeader(bytes, bytes.length)));
  last = { head, length: bytes.length, maxElements, expected, entries };
  return { entries, data };
}

/** The tensors of a body, by their names. The caller must check the elements. */
export function tensorsOf({ entries, data }: Layout): Readonly<Record<string, Tensor<Numbers>>> {
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
  const which = known.includes('input') ? 'input, target and weights' : known.join(', ');
  const advice = isParameter
    ? 'whose parameters they are, input_kind and target_kind in the query of the URL say'
    : (likelyMeant(name, known) ?? 'options go into the query of the URL');
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
