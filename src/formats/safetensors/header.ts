import { type RequestError, refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { colonsIn, namesIn, repeatedKey } from '../json/duplicate-keys.ts';
import { otherFormatHint } from '../other-format.ts';

/** What the format calls the dtypes that are numbers here. */
export const formatDtypes = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  BOOL: 'bool',
  U8: 'uint8',
  U16: 'uint16',
  U32: 'uint32',
  U64: 'uint64',
  I8: 'int8',
  I16: 'int16',
  I32: 'int32',
  I64: 'int64',
} as const;

/** Two tensors and some metadata need far less; the reference implementation allows 100 MB. */
const longestHeader = 2 ** 16;

/** Where the header ends in a body of `length` bytes, whose first 8 are there; `length` where it is to be refused. */
export function endOfHeader({ buffer, byteOffset }: Uint8Array, length: number): number {
  if (length < 8) return length;
  const bytes = new DataView(buffer, byteOffset, 8).getBigUint64(0, true);
  return bytes > longestHeader ? length : Math.min(length, 8 + Number(bytes));
}

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
    throw invalid(
      `the header should have ${length} bytes; at most ${longestHeader} are accepted${jsonHint(bytes)}${otherFormatHint(bytes)}`,
    );
  if (length > rest.byteLength) {
    throw invalid(`the header should have ${length} bytes; ${rest.byteLength} follow its length, so the body was cut short`);
  }
  return { header: parseHeader(rest.subarray(0, Number(length))), data: rest.subarray(Number(length)) };
}

/** Parses the header alone, without its length. @throws RequestError INVALID_SAFETENSORS */
export function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  const text = decodeUtf8(bytes);
  if (!text.startsWith('{')) throw invalid(`the header starts with ${text === '' ? 'nothing' : quote(text.slice(0, 8))}; expected {`);
  const header = parseObject(text);
  const repeated = colonsIn(text) > namesIn(header) ? repeatedKey(text) : undefined;
  if (repeated !== undefined) {
    throw refuse('INVALID_SAFETENSORS', repeated.pointer, `the header has the name ${quote(repeated.name)} twice`);
  }
  return header;
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
