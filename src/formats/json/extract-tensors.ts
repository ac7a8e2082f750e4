import { isParameterName } from '../../core/closed-forms/parameters.ts';
import { tensorNames } from '../../core/comparison.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError } from '../../errors/request-error.ts';
import type { NumberScanner, ScannedTensor } from '../../kernels/number-scanner.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import { uint8s } from '../../memory/small-arrays.ts';
import { createCursor, type JsonCursor } from './cursor.ts';
import { isSpace } from './lexer.ts';
import { parseJson } from './parse-json.ts';

type ScannedText = {
  /** The text with an empty list in the place of each tensor's numbers: JSON if and only if the text is. */
  readonly envelope: Buffer;
  /** What stood there, by the name of the tensor or the index of the input that it belongs to. */
  readonly tensors: ScannedTensors;
};

/** Scanned tensors by their name or the index of their input. */
export type ScannedTensors = ReadonlyMap<string | number, ScannedTensor>;

/** A parsed body with an empty list in the place of each scanned tensor's numbers. */
type ScannedJson = { readonly value: unknown; readonly tensors: ScannedTensors };

/** @param mayBeRows whether they may be rows of different lengths: samples, and lists of outcomes */
type TakeNumbers = (of: string | number, mayBeRows?: boolean) => boolean;

/** Goes through a text and takes the numbers from where they may stand. False where it gives up. */
type Walk = (cursor: JsonCursor, takeNumbers: TakeNumbers) => boolean;

/** Numbers are the value of a tensor's name, or a member of an object there: `data` of a tensor, both members of a list of outcomes. */
export const numbersOfRequest: Walk = (cursor, takeNumbers) =>
  cursor.members((field) => {
    if (!(tensorNames as readonly string[]).includes(field)) return cursor.skip();
    if (cursor.isAt('[')) return takeNumbers(field, field !== 'weights');
    return cursor.isAt('{') ? numbersOfSide(cursor, field, takeNumbers) : cursor.skip();
  });

const listMembers = ['outcomes', 'values'];

/** Of an object, numbers are its `data`, members of a list of outcomes, or the value of a parameter's name, or of `data` in an object there. */
function numbersOfSide(cursor: JsonCursor, side: string, takeNumbers: TakeNumbers): boolean {
  return cursor.members((member) => {
    const isParameter = isParameterName(member);
    const own = `${side}.${member}`;
    if (isParameter && cursor.isAt('{')) return numbersIn(cursor, { data: own }, takeNumbers);
    if (!cursor.isAt('[')) return cursor.skip();
    if (member === 'data') return takeNumbers(side);
    const isOfList = listMembers.includes(member);
    return isParameter || isOfList ? takeNumbers(own, isOfList) : cursor.skip();
  });
}

/** Numbers are the `data` of the objects in the list `inputs`. */
export const numbersOfInference: Walk = (cursor, takeNumbers) =>
  cursor.members((field) => {
    if (field !== 'inputs' || !cursor.isAt('[')) return cursor.skip();
    return cursor.entries((index) => (cursor.isAt('{') ? numbersIn(cursor, { data: index }, takeNumbers) : cursor.skip()));
  });

/** @param keys what the numbers of each member are called */
function numbersIn(cursor: JsonCursor, keys: Readonly<Record<string, string | number>>, take: TakeNumbers): boolean {
  return cursor.members((member) => (Object.hasOwn(keys, member) && cursor.isAt('[') ? take(keys[member]) : cursor.skip()));
}

/**
 * Parses a body whose numbers go from the bytes straight into float64. Returns undefined if the body must be parsed whole: only JSON.parse
 * knows what is wrong with a text, and where.
 * @param options those of `parseJson`
 * @throws BodyUnavailable
 */
export function scanJson(
  body: BodyReader,
  scanTensor: NumberScanner,
  maxElements: number,
  walk: Walk,
  options?: Parameters<typeof parseJson>[2],
): ScannedJson | undefined {
  const scanned = scanNumbers(body, scanTensor, maxElements, walk);
  if (scanned === undefined) return undefined;
  const value = attempt(() => parseJson(scanned.envelope, maxElements, options));
  return value instanceof RequestError ? undefined : { value, tensors: scanned.tensors };
}

const emptyList = Buffer.from('[]');

/**
 * Takes the numbers of tensors out of a JSON text, straight into float64. Undefined where it cannot be sure of what it sees: then JSON.parse
 * has the word.
 * @throws BodyUnavailable
 */
export function scanNumbers(body: BodyReader, scanTensor: NumberScanner, maxElements: number, walk: Walk): ScannedText | undefined {
  const cursor = createCursor(body);
  const tensors = new Map<string | number, ScannedTensor>();
  const kept: Buffer[] = [];
  let keptUpTo = 0;
  let used = 0;

  const read = walk(cursor, (of, mayBeRows = false) => {
    const into = body.numbers.subarray(used, used + maxElements);
    const scanned = tensors.has(of)
      ? undefined
      : (scanTensor(body, cursor.at, into) ?? (mayBeRows ? scanRows(body, cursor.at, into, scanTensor) : undefined));
    // what it does not read stays in the text: flags, or elements of distributions of weight 0
    if (scanned === undefined) return cursor.skip();
    tensors.set(of, scanned);
    kept.push(body.bytes.subarray(keptUpTo, cursor.at), emptyList);
    keptUpTo = scanned.end;
    used += scanned.tensor.data.length;
    cursor.at = scanned.end;
    return true;
  });
  if (!read) return undefined;
  body.waitFor(body.bytes.length);
  return { envelope: tensors.size === 0 ? body.bytes : Buffer.concat([...kept, body.bytes.subarray(keptUpTo)]), tensors };
}

/**
 * Reads rows of different lengths, `[[1, 2], [3]]`, as one row whose brackets are blank, in a copy. Undefined where there is anything but
 * rows of numbers, or an empty one.
 * @throws BodyUnavailable
 */
function scanRows(body: BodyReader, start: number, into: Float64Array, scanTensor: NumberScanner): ScannedTensor | undefined {
  body.waitFor(body.bytes.length);
  const joined = joinRows(body.bytes, start);
  if (joined === undefined) return undefined;
  const { text, lengths } = joined;
  const scanned = scanTensor({ ...body, bytes: text, waitFor: () => text.length }, 0, into);
  if (scanned === undefined || scanned.end !== text.length || scanned.tensor.shape.length !== 1) return undefined;
  return { ...scanned, end: start + text.length, lengths };
}

/** The text of rows up to their end as one row, and how many entries each has. */
function joinRows(bytes: Buffer, start: number): { readonly text: Buffer; readonly lengths: Uint32Array } | undefined {
  const rows = endOfRows(bytes, start);
  if (rows === undefined) return undefined;
  const { buffer, byteOffset, byteLength } = uint8s(rows.end - start);
  const text = Buffer.from(buffer, byteOffset, byteLength);
  bytes.copy(text, 0, start, rows.end);
  for (let at = 1; at < text.length - 1; at++) if (text[at] === opener || text[at] === closer) text[at] = blank;
  return { text, lengths: Uint32Array.from(rows.lengths) };
}

const [opener, closer, comma, blank, quote] = Buffer.from('[], "');
const infinity = '"-Infinity"';

type FoundRows = { readonly end: number; readonly lengths: readonly number[] };

/** Where rows end, and how many entries each has. What is wrong within a row is left to who reads it. */
function endOfRows(bytes: Buffer, start: number): FoundRows | undefined {
  const lengths: number[] = [];
  let needsRow = true;
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isSpace(byte)) continue;
    if (byte === opener && needsRow) {
      const row = endOfRow(bytes, at + 1);
      if (row === undefined) return undefined;
      lengths.push(row.length);
      at = row.end;
      needsRow = false;
    } else if (byte === comma && !needsRow) needsRow = true;
    else return byte === closer && !needsRow ? { end: at + 1, lengths } : undefined;
  }
  return undefined;
}

/** Where the bracket of a row stands that begins here. Undefined for an empty row, one that holds lists, or other text than -Infinity. */
function endOfRow(bytes: Buffer, start: number): { readonly end: number; readonly length: number } | undefined {
  let length = 1;
  let isEmpty = true;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === closer) return isEmpty ? undefined : { end: at, length };
    if (byte === comma) length++;
    else if (byte === opener || (byte === quote && bytes.toString('latin1', at, at + infinity.length) !== infinity)) return undefined;
    else if (byte === quote) at += infinity.length - 1;
    isEmpty &&= isSpace(byte);
  }
  return undefined;
}
