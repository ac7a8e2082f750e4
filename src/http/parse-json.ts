import { isUtf8 } from 'node:buffer';
import { RequestError, refuse } from '../errors.ts';
import { jsonFault } from './json-fault.ts';

/** Far beyond what a request needs, and far below what costs JSON.parse time and memory: 10⁶ levels take it 0.3 s. */
const maxJsonDepth = 64;

/**
 * Parses a body.
 * @throws RequestError INVALID_JSON or DEPTH_LIMIT, pointing at the element where the text breaks
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw refuse('INVALID_JSON', '#', 'the body is empty; expected a JSON object');
  if (!isUtf8(bytes)) throw refuse('INVALID_JSON', '#', `the body is not UTF-8${encodingHint(bytes)}`);
  const text = withoutByteOrderMark(bytes.toString('utf8'));
  if (nestsTooDeep(bytes)) throw new RequestError([jsonFault(text, maxJsonDepth)]);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RequestError([jsonFault(text, maxJsonDepth)]);
    throw error;
  }
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = Buffer.from('"\\[]{}');

/** Whether lists and objects nest deeper than `maxJsonDepth`, told from the bytes before anything is built from them. */
function nestsTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      while (++at < bytes.length && bytes[at] !== quote) if (bytes[at] === backslash) at++;
    } else if (byte < openBracket) {
      // digits, commas, signs: nearly all of a tensor
    } else if (byte === openBracket || byte === openBrace) {
      if (++depth > maxJsonDepth) return true;
    } else if (byte === closeBracket || byte === closeBrace) {
      depth--;
    }
  }
  return false;
}

// RFC 8259, section 8.1: a parser may ignore a byte order mark
function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function encodingHint([first, second]: Buffer): string {
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isUtf16 ? ': it starts with the byte order mark of UTF-16' : '';
}
