import { readFileSync } from 'node:fs';
import { operands, rowLength } from './tensors.ts';

export type Body = { readonly type: string; readonly bytes: Buffer };

const rowsPerPiece = 1000;

/** The notebook's first experiment. */
export const notebookBody: Body = {
  type: 'application/json',
  bytes: Buffer.from(
    JSON.stringify({
      ...JSON.parse(readFileSync(new URL('../../src/http/openapi/notebook.json', import.meta.url), 'utf8'))['5x2'],
      dim: 0,
    }),
  ),
};

/** Two tensors as nested lists, and further fields. */
export function jsonBody(elements: number, fields: Record<string, unknown> = {}): Body {
  const { input, target } = operands(elements);
  const rest = JSON.stringify(fields).slice(1, -1);
  const pieces = [
    Buffer.from('{"input":['),
    ...nestedRows(input),
    Buffer.from('],"target":['),
    ...nestedRows(target),
    Buffer.from(rest === '' ? ']}' : `],${rest}}`),
  ];
  return { type: 'application/json', bytes: Buffer.concat(pieces) };
}

/** Two tensors as safetensors: length of the header, header, bytes. */
export function binaryBody(elements: number): Body {
  const { input, target } = operands(elements);
  const size = 4 * elements;
  const entry = (from: number) => ({ dtype: 'F32', shape: [elements / rowLength, rowLength], data_offsets: [from, from + size] });
  const header = JSON.stringify({ input: entry(0), target: entry(size) });
  const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const bytes = Buffer.concat([length, padded, Buffer.from(input.buffer), Buffer.from(target.buffer)]);
  return { type: 'application/vnd.safetensors', bytes };
}

/** In pieces, because the largest body is longer than a string can be. */
function nestedRows(tensor: Float32Array<ArrayBuffer>): Buffer[] {
  const pieces: Buffer[] = [];
  const step = rowsPerPiece * rowLength;
  for (let from = 0; from < tensor.length; from += step) {
    const rows: string[] = [];
    for (let row = from; row < Math.min(from + step, tensor.length); row += rowLength) {
      rows.push(`[${tensor.subarray(row, row + rowLength).join(',')}]`);
    }
    pieces.push(Buffer.from(`${from === 0 ? '' : ','}${rows.join(',')}`));
  }
  return pieces;
}

const observations = 1_000_000;

/** A million log-normal numbers of each side in one list, the same for every kind. */
export function observedBody(kind: string, more: Readonly<Record<string, unknown>> = {}): Body {
  const sides = ['input', 'target'].map((name, side) => {
    const numbers = Array.from({ length: observations }, (_, k) => Math.exp(Math.sin(k * (1.1 + side)) + Math.cos(k * 0.7)));
    return `"${name}":[${numbers.join(',')}]`;
  });
  const options = JSON.stringify({ input_kind: kind, target_kind: kind, reduction: 'sum', ...more }).slice(1);
  return { type: 'application/json', bytes: Buffer.from(`{${sides.join(',')},${options}`) };
}
