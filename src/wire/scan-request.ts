import type { Source } from './shared-body.ts';
import type { ScannedTensor, TensorScanner } from './tensor-scanner.ts';

export type ScannedRequest = {
  /** The text with an empty list in the place of each tensor's numbers: JSON if and only if the text is. */
  readonly envelope: Buffer;
  /** What stood there, by the field of the request that it belongs to. */
  readonly tensors: ReadonlyMap<string, ScannedTensor>;
};

/** A text, and how far it has been read. */
type Reading = { readonly source: Source; at: number };

const emptyList = Buffer.from('[]');
const longestName = 64;

/**
 * Takes the numbers out of a JSON text: nested lists that are the value of `input` or `target`, or of `data` in an object there.
 * What stays in the envelope is skipped, not checked. Undefined where it cannot be sure of what it sees: then JSON.parse has the word.
 * @throws Unread
 */
export function scanRequest(source: Source, scanTensor: TensorScanner, maxElements: number): ScannedRequest | undefined {
  const reading: Reading = { source, at: 0 };
  const tensors = new Map<string, ScannedTensor>();
  const kept: Buffer[] = [];
  let keptUpTo = 0;
  let used = 0;

  function takeNumbers(field: string): boolean {
    const into = source.numbers.subarray(used, used + maxElements);
    const scanned = tensors.has(field) ? undefined : scanTensor(source, reading.at, into);
    if (scanned === undefined) return false;
    tensors.set(field, scanned);
    kept.push(source.bytes.subarray(keptUpTo, reading.at), emptyList);
    keptUpTo = scanned.end;
    used += scanned.tensor.data.length;
    reading.at = scanned.end;
    return true;
  }
  const read = walkMembers(reading, (field) => {
    const next = nextByte(reading);
    if (field !== 'input' && field !== 'target') return skipValue(reading);
    if (next === code('[')) return takeNumbers(field);
    if (next !== code('{')) return skipValue(reading);
    return walkMembers(reading, (member) =>
      member === 'data' && nextByte(reading) === code('[') ? takeNumbers(field) : skipValue(reading),
    );
  });
  if (!read) return undefined;
  source.upTo(source.bytes.length);
  return { envelope: Buffer.concat([...kept, source.bytes.subarray(keptUpTo)]), tensors };
}

/** Goes through the object that starts here; `passValue` goes past the value of a member. False where one of them gives up. */
function walkMembers(reading: Reading, passValue: (name: string) => boolean): boolean {
  if (!takes(reading, '{')) return false;
  while (!takes(reading, '}')) {
    takes(reading, ',');
    const name = takeName(reading);
    if (name === undefined || !takes(reading, ':') || !passValue(name)) return false;
  }
  return true;
}

/** A name without escapes: with them, it could be any. */
function takeName(reading: Reading): string | undefined {
  if (!takes(reading, '"')) return undefined;
  const start = reading.at;
  while (byteAt(reading) !== code('"')) {
    if (byteAt(reading) === code('\\') || reading.at - start === longestName || isAtEnd(reading)) return undefined;
    reading.at++;
  }
  return reading.source.bytes.toString('latin1', start, reading.at++);
}

/** Past a value that stays in the envelope: a string, a list or object with all that is in it, or a word. */
function skipValue(reading: Reading): boolean {
  let depth = 0;
  do {
    const byte = nextByte(reading);
    if (isAtEnd(reading)) return false;
    reading.at++;
    if (byte === code('"')) skipString(reading);
    else if (byte === code('[') || byte === code('{')) depth++;
    else if (byte === code(']') || byte === code('}')) depth--;
    else if (depth === 0) while (!endsWord(byteAt(reading))) reading.at++;
  } while (depth > 0);
  return true;
}

/** Past the end of the string whose opening quote has been read. */
function skipString(reading: Reading): void {
  const { bytes } = reading.source;
  while (!isAtEnd(reading)) {
    const available = reading.source.upTo(reading.at + 1);
    const found = bytes.subarray(reading.at, available).indexOf(code('"'));
    reading.at = found === -1 ? available : reading.at + found + 1;
    if (found !== -1 && backslashesBefore(bytes, reading.at - 1) % 2 === 0) return;
  }
}

function backslashesBefore(bytes: Uint8Array, end: number): number {
  let count = 0;
  while (bytes[end - 1 - count] === code('\\')) count++;
  return count;
}

function takes(reading: Reading, character: string): boolean {
  if (nextByte(reading) !== code(character)) return false;
  reading.at++;
  return true;
}

/** The next byte that is not white space. */
function nextByte(reading: Reading): number {
  while (isSpace(byteAt(reading))) reading.at++;
  return byteAt(reading);
}

/** The byte here, 0 behind the end. */
function byteAt({ source, at }: Reading): number {
  if (at >= source.bytes.length) return 0;
  source.upTo(at + 1);
  return source.bytes[at];
}

function isAtEnd({ source, at }: Reading): boolean {
  return at >= source.bytes.length;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endsWord(byte: number): boolean {
  return byte === 0 || byte === code(',') || byte === code(']') || byte === code('}') || isSpace(byte);
}

function code(character: string): number {
  return character.charCodeAt(0);
}
