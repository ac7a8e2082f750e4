import { isAscii, isUtf8 } from 'node:buffer';
import { type Fault, RequestError, refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { takeHeap } from '../../memory/task-memory.ts';
import { otherFormatHint } from '../other-format.ts';
import { quoteBareNumbers } from './bare-numbers.ts';
import { colonsIn, namesIn, repeatedKey } from './duplicate-keys.ts';
import { checkHeap } from './heap-limit.ts';
import { typedArrayAdvice } from './read-elements.ts';
import { structureOf } from './structure.ts';
import { findUnderflows, jsonFault } from './syntax-error.ts';
import { type NoteUnderflow, underflowsOfText } from './underflows.ts';

// A request needs far less, and JSON.parse pays for each in time and memory: docs/decisions/formats.md has figures
const maxDepth = 64;
const maxContainers = 2 ** 21;
const maxFields = 2 ** 16;

/** A text of fewer bytes cannot hold enough of anything to matter, and counting would take as long as parsing. */
const worthCounting = 2 ** 16;

/** What was taken out of a text before, and counts as if it still stood there: commas of lists, lists and bytes. */
type Taken = { readonly commas: number; readonly containers: number; readonly bytes: number };

type Options = { readonly bareNumbers?: boolean; readonly taken?: Taken | undefined; readonly noteUnderflow?: NoteUnderflow };

const nothing: Taken = { commas: 0, containers: 0, bytes: 0 };

/**
 * Parses a body that holds two tensors of `maxElements` at the most. With `bareNumbers` the tokens NaN, Infinity and -Infinity, which are
 * not JSON, are read as the strings of these names. Numbers that float64 would read as 0 are refused, or noted.
 * @throws RequestError INVALID_JSON or DEPTH_LIMIT, pointing at the element where the text breaks or a name comes twice; NUMBER_UNDERFLOW;
 * BODY_TOO_COMPLEX, TOO_MANY_ELEMENTS
 */
export function parseJson(
  bytes: Buffer,
  maxElements: number,
  { bareNumbers = false, taken = nothing, noteUnderflow }: Options = {},
): unknown {
  if (bytes.length === 0) throw refuse('INVALID_JSON', '#', 'the body is empty; expected a JSON object');
  if (!isUtf8(bytes)) throw refuse('INVALID_JSON', '#', `the body is not UTF-8${otherFormatHint(bytes)}`);
  const text = withoutByteOrderMark(textOf(bytes));
  const fields = bytes.length + taken.bytes >= worthCounting ? checkedFields(bytes, text, maxElements, taken) : colonsIn(text);
  const parsed = parsedOrNot(text) ?? (bareNumbers ? parsedOrNot(withoutByteOrderMark(textOf(quoteBareNumbers(bytes)))) : undefined);
  if (parsed === undefined) throw notJson(bytes, jsonFault(text, maxDepth, bareNumbers));
  if (mayUnderflow.test(text)) {
    const { note, throwIfAny } = underflowsOfText();
    findUnderflows(text, maxDepth, bareNumbers, noteUnderflow ?? note);
    throwIfAny();
  }
  const repeated = fields > namesIn(parsed.value) ? repeatedKey(text) : undefined;
  if (repeated !== undefined) throw refuse('INVALID_JSON', repeated.pointer, `an object has the name ${quote(repeated.name)} twice`);
  return parsed.value;
}

/** V8 keeps two bytes for each character of a text that has one beyond Latin-1. */
function textOf(bytes: Buffer): string {
  takeHeap(bytes.length >= worthCounting && !isAscii(bytes) ? 2 * bytes.length : bytes.length);
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
function checkedFields(bytes: Buffer, text: string, maxElements: number, taken: Taken): number {
  const structure = structureOf(bytes, maxDepth);
  if (structure.deepest > maxDepth) throw new RequestError([jsonFault(text, maxDepth)]);
  if (structure.containers + taken.containers > maxContainers || structure.fields > maxFields) throw tooComplex(text);
  // a comma for each number of two tensors, and some for the rest
  if (structure.commas + taken.commas > 2 * maxElements + maxFields) throw tooMany(maxElements);
  checkHeap(structure);
  return structure.fields;
}

function tooComplex(text: string): RequestError {
  const isTypedArray = /\{\s*"0"\s*:/.test(text);
  return refuse(
    'BODY_TOO_COMPLEX',
    '#',
    `the body holds more than ${maxContainers} lists and objects, or more than ${maxFields} fields; ${isTypedArray ? typedArrayAdvice : 'flat and base64 tensors need few'}`,
  );
}

function tooMany(maxElements: number): RequestError {
  return refuse('TOO_MANY_ELEMENTS', '#', `the body holds more numbers than two tensors of ${maxElements} elements, the limit here`);
}

// RFC 8259, section 8.1: a parser may ignore a byte order mark
function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * Numbers as small as these are seldom, and only a look at each of them tells whether float64 holds it. The zeros behind the point and the
 * exponent are 323 together where it reads a number as 0, so below an exponent of 200 there are more than 120 zeros.
 */
const mayUnderflow = /[eE]-0*(?:[2-9]\d\d|\d{4})|\.0{120}/;

function notJson(bytes: Buffer, fault: Fault): RequestError {
  return new RequestError([{ ...fault, detail: `${fault.detail}${otherFormatHint(bytes)}` }]);
}
