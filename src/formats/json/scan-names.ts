import { isUtf8 } from 'node:buffer';
import { int32s } from '../../core/outcomes/codes.ts';
import type { CodedNames, NameTable } from '../../core/outcomes/name-table.ts';
import type { ScannedTensor } from '../../kernels/number-scanner.ts';
import type { BodyReader } from '../../memory/shared-body.ts';
import { isSpace } from './lexer.ts';

/** Names that stood in a text, in the place of numbers. */
type ScannedNames = ScannedTensor & { readonly names: CodedNames };

const noNumbers = new Float64Array();

const [opener, closer, comma, quote, backslash] = Buffer.from('[],"\\');

/**
 * Reads the list of names that starts at `start`, or rows of them, which may be empty and differ in length, as codes of `table`. Returns
 * undefined for anything else, for more than `maxNames` of names or rows, and for names that have no UTF-8: the caller then uses JSON.parse.
 * @throws BodyUnavailable
 */
export function scanNames(body: BodyReader, start: number, tableOf: () => NameTable, maxNames: number): ScannedNames | undefined {
  const { bytes } = body;
  body.waitFor(bytes.length);
  if (!mayBeNames(bytes, start)) return undefined;
  const table = tableOf();
  const codes = growing(maxNames);
  const lengths = growing(maxNames);
  let at = afterSpace(bytes, start + 1);
  if (bytes[at] === quote) {
    const end = readRow(bytes, at, table, codes.add);
    return end === undefined ? undefined : scanned(end);
  }
  for (;;) {
    if (bytes[at] !== opener) return undefined;
    const before = codes.count();
    const end = readRow(bytes, afterSpace(bytes, at + 1), table, codes.add);
    if (end === undefined || !lengths.add(codes.count() - before)) return undefined;
    at = afterSpace(bytes, end);
    if (bytes[at] === closer) break;
    if (bytes[at] !== comma) return undefined;
    at = afterSpace(bytes, at + 1);
  }
  if (codes.count() === 0) return undefined;
  return scanned(at + 1, Uint32Array.from(lengths.all()));

  function scanned(end: number, rows?: Uint32Array): ScannedNames {
    const tensor = { shape: [codes.count()], data: noNumbers };
    return { tensor, end, lowest: 0, highest: 0, names: { codes: codes.all(), table }, ...(rows && { lengths: rows }) };
  }
}

/** Whether the first value within the brackets is a string. */
function mayBeNames(bytes: Buffer, start: number): boolean {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) return true;
    if (byte !== opener && byte !== closer && byte !== comma && !isSpace(byte)) return false;
  }
  return false;
}

/** Reads the names up to the bracket that ends their row, and returns where it ends; undefined for anything but names. */
function readRow(bytes: Buffer, start: number, table: NameTable, add: (code: number) => boolean): number | undefined {
  let at = start;
  if (bytes[at] === closer) return at + 1;
  for (;;) {
    if (bytes[at] !== quote) return undefined;
    const first = ++at;
    let high = 0;
    let byte = bytes[at];
    while (byte !== quote && byte !== backslash) {
      // also behind the end of the text; RFC 8259, section 7: control characters are escaped
      if (!(byte >= 0x20)) return undefined;
      high |= byte;
      byte = bytes[++at];
    }
    let code: number | undefined;
    if (byte === backslash) {
      at = endOfEscaped(bytes, at);
      const name = unescaped(bytes, first, at);
      code = name && table.codeOf(name, 0, name.length);
    } else if (high < 0x80 || isUtf8(bytes.subarray(first, at))) code = table.codeOf(bytes, first, at);
    if (code === undefined || !add(code)) return undefined;
    at = afterSpace(bytes, at + 1);
    if (bytes[at] === closer) return at + 1;
    if (bytes[at] !== comma) return undefined;
    at = afterSpace(bytes, at + 1);
  }
}

/** Where the quote stands that ends a string, of which `start` is within; the end of the text where there is none. */
function endOfEscaped(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

/** The UTF-8 of a string with escapes; undefined where it is none, or has half a surrogate pair. */
function unescaped(bytes: Buffer, start: number, end: number): Buffer | undefined {
  const sent = bytes.subarray(start, end);
  if (!isUtf8(sent)) return undefined;
  try {
    const name: string = JSON.parse(`"${sent.toString('utf8')}"`);
    return name.isWellFormed() ? Buffer.from(name) : undefined;
  } catch {
    return undefined;
  }
}

function afterSpace(bytes: Buffer, start: number): number {
  let at = start;
  while (isSpace(bytes[at])) at++;
  return at;
}

/** Numbers that are added one by one; `add` is false where there are more than `most`. */
function growing(most: number) {
  let held = int32s(2 ** 6);
  let count = 0;
  return {
    add(number: number): boolean {
      if (count === most) return false;
      if (count === held.length) {
        const longer = int32s(2 * held.length);
        longer.set(held);
        held = longer;
      }
      held[count++] = number;
      return true;
    },
    count: () => count,
    all: () => held.subarray(0, count),
  };
}
