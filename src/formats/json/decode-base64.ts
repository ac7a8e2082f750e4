import { refuse } from '../../errors/request-error.ts';
import { appendPointer, describeValue, quote } from '../../errors/wording.ts';
import { takeHeap } from '../../memory/task-memory.ts';
import { checkTensor, type ElementRules } from '../../tensor/domain.ts';
import { dtypes, readNumbers } from '../../tensor/dtypes.ts';
import { elementCount, type Numbers } from '../../tensor/tensor.ts';

/** The dtypes that base64 can hold. */
const dtypeNames = ['float32', 'float64'] as const;

type Dtype = (typeof dtypeNames)[number];

/**
 * Reads little-endian row-major numbers from base64: standard alphabet, padded, no line breaks.
 * @throws RequestError INVALID_VALUE, INVALID_BASE64, DATA_LENGTH_MISMATCH, or the faults of the elements
 */
export function decodeBase64(value: unknown, dtype: unknown, shape: readonly number[], pointer: string, rules: ElementRules): Numbers {
  const name = dtypeNames.find((known) => known === dtype);
  if (name === undefined) {
    const detail = `expected one of ${dtypeNames.join(', ')}, got ${describeValue(dtype)}. Convert the array first, or send safetensors, which has more`;
    throw refuse('INVALID_VALUE', appendPointer(pointer, 'dtype'), detail);
  }
  const where = appendPointer(pointer, 'base64');
  if (typeof value !== 'string') throw refuse('INVALID_VALUE', where, `expected base64 text, got ${describeValue(value)}`);
  const bytes = decodeStrictly(value, where);
  checkLength(bytes.byteLength, name, shape, where);
  const data = readNumbers(name, bytes);
  checkTensor({ shape, data }, rules, where);
  return data;
}

function decodeStrictly(text: string, pointer: string): Uint8Array {
  // the bytes, and the text that they become again
  takeHeap(2 * text.length);
  const bytes = Buffer.from(text, 'base64');
  // Buffer skips what it does not know; only canonical base64 comes back as it went in
  if (bytes.toString('base64') !== text) throw refuse('INVALID_BASE64', pointer, whatIsWrong(text));
  return bytes;
}

function whatIsWrong(text: string): string {
  const stray = /[^A-Za-z0-9+/=]/.exec(text);
  if (stray === null) return `${text.length} characters are not whole base64: the padding is missing, misplaced or followed by more`;
  const stands = `character ${stray.index} is ${quote(stray[0])}`;
  if (/\s/.test(stray[0])) return `${stands}: base64 goes without line breaks and spaces`;
  if (/[-_]/.test(stray[0])) return `${stands}: this is the URL-safe alphabet, the standard one has + and /`;
  return `${stands}, which base64 does not have`;
}

function checkLength(bytes: number, dtype: Dtype, shape: readonly number[], pointer: string): void {
  const count = elementCount(shape);
  const expected = count * dtypes[dtype].size;
  if (bytes === expected) return;
  const other: Dtype = dtype === 'float64' ? 'float32' : 'float64';
  const fits = bytes === count * dtypes[other].size ? `. That is the length of ${other}: say "dtype": "${other}"` : '';
  throw refuse(
    'DATA_LENGTH_MISMATCH',
    pointer,
    `shape [${shape.join(', ')}] of ${dtype} means ${expected} bytes, base64 holds ${bytes}${fits}`,
  );
}
