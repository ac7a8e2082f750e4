import { randomInt } from 'node:crypto';
import { uint8s, uint32s } from '../../memory/small-arrays.ts';

/** Names by their codes, which are counted from 0 in the order in which names were first seen. No string is made before it is asked for. */
export type NameTable = {
  /** The code of the name whose UTF-8 stands from `start` up to `end`; undefined where too many names share a place. */
  readonly codeOf: (bytes: Uint8Array, start: number, end: number) => number | undefined;
  readonly nameOf: (code: number) => string;
  readonly size: () => number;
};

/** Names as codes of a table, which other lists may share. */
export type CodedNames = { readonly codes: Int32Array; readonly table: NameTable };

/** The names of all entries of a list. */
export type Names = readonly string[] | CodedNames;

export function isCoded(names: Names): names is CodedNames {
  return 'table' in names;
}

/** The name of an entry. */
export function nameAt(names: Names, at: number): string {
  return isCoded(names) ? names.table.nameOf(names.codes[at]) : names[at];
}

// odd, and unknown to who chooses the names: nobody can choose names that all fall into one place
const factor = 2 * randomInt(2 ** 30, 2 ** 31) + 1;
const seed = randomInt(2 ** 31);

/** By luck, no search among places of which half are free is as long. */
const longestSearch = 2 ** 9;

/** Open addressing with linear probing; the bytes of each name are kept once. */
export function createNameTable(): NameTable {
  let bits = 7;
  /** Of each place a hash, and behind it the code, counted from 1: one look into memory gives both. */
  let places = uint32s(2 << bits);
  /** The name with code c stands from ends[c] up to ends[c + 1]. */
  let ends = uint32s(2 ** (bits - 1) + 1);
  let text = uint8s(2 ** 10);
  let size = 0;
  const strings: string[] = [];
  return { codeOf, nameOf, size: () => size };

  function codeOf(bytes: Uint8Array, start: number, end: number): number | undefined {
    const hash = hashOf(bytes, start, end);
    const mask = places.length - 1;
    let place = (hash >>> (32 - bits)) << 1;
    for (let searched = 0; places[place + 1] !== 0; place = (place + 2) & mask) {
      const code = places[place + 1] - 1;
      if (places[place] === hash && isEqual(code, bytes, start, end)) return code;
      if (++searched === longestSearch) return undefined;
    }
    if (4 * size === places.length) {
      grow();
      return codeOf(bytes, start, end);
    }
    keep(bytes, start, end);
    places[place] = hash;
    places[place + 1] = ++size;
    return size - 1;
  }

  function isEqual(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const first = ends[code];
    if (ends[code + 1] - first !== end - start) return false;
    for (let at = start; at < end; at++) if (bytes[at] !== text[first + at - start]) return false;
    return true;
  }

  function keep(bytes: Uint8Array, start: number, end: number): void {
    const first = ends[size];
    const last = first + end - start;
    if (last > text.length) text = grown(text, uint8s(Math.max(2 * text.length, last)));
    for (let at = start; at < end; at++) text[first + at - start] = bytes[at];
    ends[size + 1] = last;
  }

  function grow(): void {
    const old = places;
    bits++;
    places = uint32s(2 << bits);
    ends = grown(ends, uint32s(2 ** (bits - 1) + 1));
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === 0) continue;
      let place = (old[from] >>> (32 - bits)) << 1;
      while (places[place + 1] !== 0) place = (place + 2) & (places.length - 1);
      places[place] = old[from];
      places[place + 1] = old[from + 1];
    }
  }

  function nameOf(code: number): string {
    strings[code] ??= Buffer.from(text.buffer, text.byteOffset + ends[code], ends[code + 1] - ends[code]).toString('utf8');
    return strings[code];
  }
}

function grown<Some extends Uint8Array | Uint32Array>(from: Some, into: Some): Some {
  into.set(from);
  return into;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = seed;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ bytes[at], factor);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash, factor) >>> 0;
}
