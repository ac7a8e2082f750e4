import { isAscii, isUtf8 } from 'node:buffer';
import { RequestError, refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { takeGarbage } from '../../memory/task-memory.ts';
import { quoteBareNumbers } from './bare-numbers.ts';
import { colonsIn, namesIn, repeatedKey } from './duplicate-keys.ts';
import { checkHeap } from './heap-limit.ts';
import { structureOf } from './structure.ts';
import { jsonFault } from './syntax-error.ts';

// A request needs far less, and JSON.parse pays for each in time: 64 MiB of nothing but lists take it 10 s
const maxDepth = 64;
const maxContainers = 2 ** 21;
const maxFields = 2 ** 16;

/** A text of fewer bytes cannot hold enough of anything to matter, and counting would take as long as parsing. */
const worthCounting = 2 ** 16;

/**
 * Parses a body that holds two tensors of `maxElements` at the most. With `bareNumbers` the tokens NaN, Infinity and -Infinity, which are
 * not JSON, are read as the strings of these names.
 * @throws RequestError INVALID_JSON or DEPTH_LIMIT, pointing at the element where the text breaks or a name comes twice; BODY_TOO_COMPLEX, TOO_MANY_ELEMENTS
 */
export function parseJson(bytes: Buffer, maxElements: number, { bareNumbers = false } = {}): unknown {
  if (bytes.length === 0) throw refuse('INVALID_JSON', '#', 'the body is empty; expected a JSON object');
  if (!isUtf8(bytes)) throw refuse('INVALID_JSON', '#', `the body is not UTF-8${encodingHint(bytes)}`);
  const text = withoutByteOrderMark(textOf(bytes));
  const fields = bytes.length >= worthCounting ? checkedFields(bytes, text, maxElements) : colonsIn(text);
  const parsed = parsedOrNot(text) ?? (bareNumbers ? parsedOrNot(withoutByteOrderMark(textOf(quoteBareNumbers(bytes)))) : undefined);
  if (parsed === undefined) throw new RequestError([jsonFault(text, maxDepth, bareNumbers)]);
  const repeated = fields > namesIn(parsed.value) ? repeatedKey(text) : undefined;
  if (repeated !== undefined) throw refuse('INVALID_JSON', repeated.pointer, `an object has the name ${quote(repeated.name)} twice`);
  return parsed.value;
}

/** V8 keeps two bytes for each character of a text that has one beyond Latin-1. */
function textOf(bytes: Buffer): string {
  takeGarbage(bytes.length >= worthCounting && !isAscii(bytes) ? 2 * bytes.length : bytes.length);
  return bytes.toString('utf8');
}

function parsedOrNot(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** How many fields a text has that is not too complex. */
function checkedFields(bytes: Buffer, text: string, maxElements: number): number {
  const structure = structureOf(bytes, maxDepth);
  if (structure.deepest > maxDepth) throw new RequestError([jsonFault(text, maxDepth)]);
  if (structure.containers > maxContainers || structure.fields > maxFields) throw tooComplex();
  // a comma for each number of two tensors, and some for the rest
  if (structure.commas > 2 * maxElements + maxFields) throw tooMany(maxElements);
  checkHeap(structure);
  return structure.fields;
}

function tooComplex(): RequestError {
  return refuse(
    'BODY_TOO_COMPLEX',
    '#',
    `the body holds more than ${maxContainers} lists and objects, or more than ${maxFields} fields; flat and base64 tensors need few`,
  );
}

function tooMany(maxElements: number): RequestError {
  return refuse('TOO_MANY_ELEMENTS', '#', `the body holds more numbers than two tensors of ${maxElements} elements, the limit here`);
}

// RFC 8259, section 8.1: a parser may ignore a byte order mark
function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function encodingHint([first, second]: Buffer): string {
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isUtf16 ? ': it starts with the byte order mark of UTF-16' : '';
}
