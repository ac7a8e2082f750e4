import { isParameterName } from '../../core/closed-forms/parameters.ts';
import { tensorNames } from '../../core/comparison.ts';
import type { CodedNames } from '../../core/outcomes/name-table.ts';
import { attempt } from '../../errors/fault-list.ts';
import { RequestError } from '../../errors/request-error.ts';
import { createNameScanner, type NameScanner } from '../../kernels/name-scanner.ts';
import type { NumberScanner, ScannedTensor } from '../../kernels/number-scanner.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import { lendRoom } from '../../memory/task-memory.ts';
import { createCursor, type JsonCursor } from './cursor.ts';
import { isSpace } from './lexer.ts';
import { parseJson } from './parse-json.ts';

type ScannedText = {
  /** The text with an empty list in the place of each tensor's numbers: JSON if and only if the text is. */
  readonly envelope: Buffer;
  /** What stood there, by the name of the tensor or the index of the input that it belongs to. */
  readonly tensors: ScannedTensors;
};

/** Numbers, or names in the place of numbers. */
type Scanned = ScannedTensor & { readonly names?: CodedNames };

/** Scanned tensors by their name or the index of their input. */
export type ScannedTensors = ReadonlyMap<string | number, Scanned>;

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

/**
 * Of an object, numbers are its `data`, members of a list of outcomes, or the value of a parameter's name, or of `data` in an object there.
 */
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
 * Takes the numbers of tensors out of a JSON text, straight into float64. Undefined where it cannot be sure of what it sees: then
 * JSON.parse has the word.
 * @throws BodyUnavailable
 */
export function scanNumbers(body: BodyReader, scanTensor: NumberScanner, maxElements: number, walk: Walk): ScannedText | undefined {
  const cursor = createCursor(body);
  const tensors = new Map<string | number, Scanned>();
  let scanNames: NameScanner | undefined;
  const kept: Buffer[] = [];
  let keptUpTo = 0;
  let used = 0;

  const read = walk(cursor, (of, mayBeRows = false) => {
    const into = body.numbers.subarray(used, used + maxElements);
    const scanned: Scanned | undefined = tensors.has(of)
      ? undefined
      : (scanTensor(body, cursor.at, into) ?? (mayBeRows ? scanList(String(of), into) : undefined));
    // what it does not read stays in the text: flags, or elements of distributions of weight 0
    if (scanned === undefined) return cursor.skip();
    tensors.set(of, scanned);
    kept.push(body.bytes.subarray(keptUpTo, cursor.at), emptyList);
    keptUpTo = scanned.end;
    // a code takes half a number
    used += scanned.names === undefined ? scanned.tensor.data.length : Math.ceil(scanned.names.codes.length / 2);
    cursor.at = scanned.end;
    return true;
  });
  if (!read) return undefined;
  lendRoom(body.numbers.subarray(used));
  body.waitFor(body.bytes.length);
  return { envelope: tensors.size === 0 ? body.bytes : Buffer.concat([...kept, body.bytes.subarray(keptUpTo)]), tensors };

  /**
   * Reads what is no tensor: names, or rows of different lengths. Empty rows of samples are left to JSON.parse, which says what they lack.
   */
  function scanList(of: string, into: Float64Array): Scanned | undefined {
    if (of.endsWith('.outcomes') && mayBeNames(cursor.at)) {
      scanNames ??= createNameScanner();
      const found = scanNames(body, cursor.at, into);
      return (
        found && { ...found, tensor: { shape: [found.names.codes.length], data: noNumbers }, lowest: 0, highest: 0, areIntegers: false }
      );
    }
    const found = scanTensor(body, cursor.at, into, 'rows');
    return found?.lengths?.includes(0) && !of.includes('.') ? undefined : found;
  }

  /** Whether the first value within the brackets is a string. */
  function mayBeNames(start: number): boolean {
    for (let at = start; at < body.bytes.length; at++) {
      body.waitFor(at + 1);
      const byte = body.bytes[at];
      if (byte === quote) return true;
      if (!brackets.includes(byte) && !isSpace(byte)) return false;
    }
    return false;
  }
}

const noNumbers = new Float64Array();

const [quote, ...brackets] = Buffer.from('"[],');
