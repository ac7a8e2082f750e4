import { gzipSync } from 'node:zlib';
import type { DearRequest } from './dearest-requests.ts';

type Made = Omit<DearRequest, 'name'>;

const path = '/v1/kl-divergence';

const json = { 'Content-Type': 'application/json' };
const safetensors = { 'Content-Type': 'application/safetensors', Accept: 'application/safetensors' };

/** Each of the largest bodies by its form, for a service that takes so many bytes, and so many elements in a tensor. */
export const bodies: Readonly<Record<string, (bytes: number, elements: number) => Made>> = {
  json: (bytes) => same(text(bytes, long, '"sum"'), json),
  chunked: (bytes) => ({ ...same(text(bytes, long, '"sum"'), json), isChunked: true }),
  gzip: (bytes) => same(gzipSync(text(bytes, long, '"sum"'), { level: 1 }), { ...json, 'Content-Encoding': 'gzip' }),
  refused: (bytes) => same(text(bytes, long, '"sum"', 'null'), json),
  all: (bytes) => same(text(bytes, long, '"all"'), json),
  // of so short numbers there are as many as may be, and answers are longer than bodies
  short: (bytes, elements) => same(text(Math.min(bytes, 4 * elements), short, '"all"'), json),
  shortChunked: (bytes, elements) => ({ ...same(text(Math.min(bytes, 4 * elements), short, '"all"'), json), isChunked: true }),
  readSlowly: (bytes, elements) => ({ ...same(text(Math.min(bytes, 4 * elements), short, '"none"'), json), readAfter: 2_000 }),
  safetensors: (bytes, elements) => same(binary(bytes, elements, 'F32', 4), safetensors, '?reduction=all'),
  halves: (bytes, elements) => same(binary(bytes, elements, 'F16', 2), safetensors, '?reduction=all'),
  safetensorsToJson: (bytes, elements) =>
    same(binary(bytes, elements, 'F32', 4), { ...safetensors, Accept: 'application/json' }, '?reduction=none'),
  batch: (bytes) => same(batch(bytes, 100), json, '/batch'),
  batchOfOne: (bytes) => same(batch(bytes, 1), json, '/batch'),
};

function same(body: Uint8Array, headers: Readonly<Record<string, string>>, rest = ''): Made {
  return { body: () => body, headers, path: `${path}${rest}` };
}

function batch(bytes: number, items: number): Uint8Array {
  const item = Buffer.from(text((bytes - 100) / items - 1, long, '"sum"'));
  return Buffer.concat([
    Buffer.from('{"items":['),
    ...Array.from({ length: items }, (_, k) => [Buffer.from(k === 0 ? '' : ','), item]).flat(),
    Buffer.from(']}'),
  ]);
}

const long = Array.from({ length: 100 }, (_, k) => Math.sin(k) * 10);
const short = Array.from({ length: 100 }, (_, k) => k % 10);

function text(bytes: number, numbers: readonly number[], reduction: string, last = '1'): Uint8Array {
  const row = numbers.join(',');
  const rows = Math.floor((bytes - 200) / 2 / (row.length + 3));
  const tensor = `[${Array(rows - 1)
    .fill(`[${row}]`)
    .join(',')},[${numbers.slice(1).join(',')},`;
  return Buffer.from(`{"input":${tensor}1]],"reduction":${reduction},"target":${tensor}${last}]]}`);
}

function binary(bytes: number, elements: number, dtype: string, width: number): Uint8Array {
  const rows = Math.floor(Math.min(elements, (bytes - 1_000) / 2 / width) / 100);
  const size = rows * 100 * width;
  const tensor = (place: number) => ({ dtype, shape: [rows, 100], data_offsets: [place * size, (place + 1) * size] });
  const header = Buffer.from(JSON.stringify({ input: tensor(0), target: tensor(1) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Buffer.alloc(2 * size);
  for (let at = 0; at < data.length; at += width) data[at + width - 1] = 0x30 + ((at * 7) % 11);
  return Buffer.concat([length, header, data]);
}
