import { type RequestError, refuse } from '../../errors/request-error.ts';
import { appendPointer, quote } from '../../errors/wording.ts';

/** Two tensors and some metadata need far less; the reference implementation allows 100 MB. */
const longestHeader = 2 ** 16;

/**
 * Splits a body in the safetensors format: 8 bytes with the length of the header, little-endian; the header, a JSON object that may be
 * padded with spaces; and the data, to which the offsets in the header refer.
 * @throws RequestError INVALID_SAFETENSORS
 */
export function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.byteLength < 8) throw invalid(`the body has ${bytes.byteLength} bytes; the length of the header alone takes 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const rest = bytes.subarray(8);
  if (length > longestHeader)
    throw invalid(`the header should have ${length} bytes; at most ${longestHeader} are accepted${jsonHint(bytes)}`);
  if (length > rest.byteLength) {
    throw invalid(`the header should have ${length} bytes; ${rest.byteLength} follow its length, so the body was cut short`);
  }
  const text = decodeUtf8(rest.subarray(0, Number(length)));
  if (!text.startsWith('{')) throw invalid(`the header starts with ${text === '' ? 'nothing' : quote(text.slice(0, 8))}; expected {`);
  const header = parseObject(text);
  const twice = repeatedName(text);
  if (twice !== undefined) {
    throw refuse(
      'INVALID_SAFETENSORS',
      twice.reduce(appendPointer, '#'),
      `the header has the name ${quote(twice[twice.length - 1])} twice`,
    );
  }
  return { header, data: rest.subarray(Number(length)) };
}

function invalid(detail: string): RequestError {
  return refuse('INVALID_SAFETENSORS', '#', detail);
}

function jsonHint([first]: Uint8Array): string {
  return first === 0x7b /* { */ || first === 0x5b /* [ */ ? '. The body starts like JSON, whose Content-Type is application/json' : '';
}

// a byte order mark is kept, so that it is refused: the format starts with {
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalid('the header is not UTF-8');
  }
}

/** Parses a text that starts with `{`, so that what it holds can only be an object. */
function parseObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('the header is not valid JSON');
  }
}

/**
 * The first name that an object of valid JSON has twice, below the name that the object itself has; JSON.parse keeps the last silently.
 * Only the outer object and the objects right in it are looked at: a header nests no deeper.
 */
function repeatedName(json: string): string[] | undefined {
  const seen: Set<string>[] = [];
  const path: string[] = [];
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{' || character === '[') {
      if (depth < 2) seen[depth] = new Set();
      depth++;
    } else if (character === '}' || character === ']') depth--;
    else if (character === '"') {
      const end = endOfString(json, at);
      if (depth <= 2 && isName(json, end)) {
        // parsed, because escapes spell one name in many ways
        const name = JSON.parse(json.slice(at, end));
        path[depth - 1] = name;
        if (seen[depth - 1].has(name)) return path.slice(0, depth);
        seen[depth - 1].add(name);
      }
      at = end - 1;
    }
  }
  return undefined;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether the string that ends here is followed by a colon. */
function isName(json: string, end: number): boolean {
  let at = end;
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at++;
  return json[at] === ':';
}
