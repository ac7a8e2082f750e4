import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';

/**
 * Splits a body into its JSON and the bytes after it. In a worker the bytes are moved to a multiple of 8, where typed arrays need no copy
 * of them. They overwrite the end of the JSON text, so `json` is a copy in that case. The event loop may have to hand the body on to a
 * worker as it came.
 * @throws RequestError INVALID_BINARY_TENSORS
 */
export function splitBody(bytes: Buffer, headerLength: string | undefined): { json: Buffer; binary: Uint8Array } {
  const length = headerLength === undefined ? bytes.length : /^\d{1,10}$/.test(headerLength) ? Number(headerLength) : Number.NaN;
  if (!(length <= bytes.length)) {
    const detail = `Inference-Header-Content-Length is ${quote(headerLength ?? '')}; expected a number of bytes up to ${bytes.length}, the length of the body`;
    throw refuse('INVALID_BINARY_TENSORS', '#', detail);
  }
  const off = (bytes.byteOffset + length) % 8;
  if (off === 0 || length === bytes.length || bytes.buffer instanceof ArrayBuffer)
    return { json: bytes.subarray(0, length), binary: bytes.subarray(length) };
  const json = Buffer.from(bytes.subarray(0, length));
  const start = Math.max(0, length - off);
  bytes.copyWithin(start, length);
  return { json, binary: bytes.subarray(start, start + bytes.length - length) };
}
