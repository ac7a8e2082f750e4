import { ExactSum } from '../../core/exact-sum.ts';
import type { Partial } from './partial.ts';

/** JSON, with its length before it and arrays of numbers behind it. */
const lengthBytes = 4;

/** What JSON has no word for, each under a name that no partial has otherwise. */
type Tagged =
  | { readonly $number: string }
  | { readonly $sum: string }
  | { readonly $map: readonly (readonly [unknown, unknown])[] }
  | { readonly $array: 'Float64Array' | 'Uint8Array'; readonly from: number; readonly length: number };

/** Writes a partial. */
export function bytesOfPartial(partial: Partial): Uint8Array {
  const arrays: Uint8Array[] = [];
  let length = 0;
  const text = JSON.stringify(partial, function tagged(this: Record<string, unknown>, key): unknown {
    // a sum has been made a text already
    const value = this[key];
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
    if (value instanceof ExactSum) return { $sum: value.toJSON() };
    if (value instanceof Map) return { $map: [...value] };
    if (!(value instanceof Float64Array || value instanceof Uint8Array)) return value;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    arrays.push(bytes);
    length += bytes.length;
    return {
      $array: value instanceof Float64Array ? 'Float64Array' : 'Uint8Array',
      from: length - bytes.length,
      length: bytes.length,
    } satisfies Tagged;
  });
  const head = Buffer.from(text);
  const size = Buffer.alloc(lengthBytes);
  size.writeUInt32LE(head.length);
  return new Uint8Array(Buffer.concat([size, head, ...arrays]));
}

/** Reads what `bytesOfPartial` has written. */
export function partialOf(bytes: Uint8Array): Partial {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = lengthBytes + buffer.readUInt32LE(0);
  return JSON.parse(buffer.toString('utf8', lengthBytes, start), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$number' in value) return Number(value.$number);
    if ('$sum' in value) return ExactSum.from(String(value.$sum));
    if ('$map' in value) return new Map(value.$map as readonly (readonly [unknown, unknown])[]);
    if (!('$array' in value)) return value;
    const { $array, from, length } = value as Extract<Tagged, { $array: unknown }>;
    const copy = new Uint8Array(length);
    copy.set(bytes.subarray(start + from, start + from + length));
    return $array === 'Uint8Array' ? copy : new Float64Array(copy.buffer);
  });
}
