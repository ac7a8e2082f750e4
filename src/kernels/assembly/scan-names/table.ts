/**
 * Names by their codes, which are counted from 0 in the order in which names were first seen. Open addressing with linear probing; the
 * bytes of each name are kept once.
 */

/** Makes the memory longer by so many bytes; does not return where the host has none. */
declare function grow(bytes: i32): void;

/** By luck, no search is as long among places of which three in eight are free. */
const longestSearch = 1 << 9;

/** Bytes behind a name that may be read together with it. */
const padding = 16;

/** A value of the host that who chooses the names does not know: nobody can choose names that all fall into one place. */
let seed: u64 = 0;
/** Another value that only the host knows, made odd: hashes are multiplied by it. */
let factor: u64 = 0;

let bits: i32 = 7;
/** Of each place a hash, and behind it the code, counted from 1: one look into memory gives both. */
let places: usize = 0;
/** The name with code c stands from ends[c] up to ends[c + 1], counted from `names`. */
let ends: usize = 0;
let names: usize = 0;
let namesCapacity: u32 = 1 << 10;

export let size: i32 = 0;

/** Where memory is free. */
let top: usize = __heap_base;

/** Before the first name; all names of before are gone. */
export function open(seedOfHost: u64, factorOfHost: u64): void {
  seed = seedOfHost;
  factor = factorOfHost | 1;
  top = __heap_base;
  size = 0;
  bits = 7;
  namesCapacity = 1 << 10;
  places = emptyPlaces();
  ends = allocated((mostNames() + 1) << 2);
  store<u32>(ends, 0);
  names = allocated(namesCapacity + padding);
}

/** The code of a name, which is kept if it is new; -1 where too many names share a place. @param hash that of `hashOf` */
export function codeOf(start: usize, length: i32, hash: u32): i32 {
  if (mostNames() == size) growTable();
  const mask = (8 << bits) - 1;
  let place = (hash >>> (32 - bits)) << 3;
  let searched = 0;
  for (let code = load<i32>(places + place, 4); code != 0; code = load<i32>(places + place, 4)) {
    if (load<u32>(places + place) == hash && isEqual(code - 1, start, length)) return code - 1;
    if (++searched == longestSearch) return -1;
    place = (place + 8) & mask;
  }
  keep(start, length);
  store<u32>(places + place, hash);
  store<i32>(places + place, ++size, 4);
  return size - 1;
}

/** The code of a name with this hash, if it stands in the first or the second place where it may; else -1. */
export function likelyCode(hash: u32): i32 {
  const place = places + ((hash >>> (32 - bits)) << 3);
  const second = select<i32>(load<i32>(place, 12), 0, load<u32>(place, 8) == hash);
  return select<i32>(load<i32>(place, 4), second, load<u32>(place) == hash) - 1;
}

export function startOf(code: i32): usize {
  return names + load<u32>(ends + (code << 2));
}

export function endOf(code: i32): usize {
  return names + load<u32>(ends + (code << 2), 4);
}

export function isEqual(code: i32, start: usize, length: i32): bool {
  let kept = startOf(code);
  if (<i32>(endOf(code) - kept) != length) return false;
  for (; length > 16; length -= 16) {
    if (!i8x16.all_true(i8x16.eq(v128.load(kept), v128.load(start)))) return false;
    kept += 16;
    start += 16;
  }
  return (i8x16.bitmask(i8x16.eq(v128.load(kept), v128.load(start))) | (-1 << length)) == -1;
}

function keep(start: usize, length: i32): void {
  const first = load<u32>(ends + (size << 2));
  const last = first + length;
  if (last > namesCapacity) {
    const longer = max(2 * namesCapacity, last);
    const copy = allocated(longer + padding);
    memory.copy(copy, names, first);
    names = copy;
    namesCapacity = longer;
  }
  memory.copy(names + first, start, length);
  store<u32>(ends + (size << 2), last, 4);
}

/** How many names so many places hold: with fewer places more of them stay in a core's cache, with more a search is shorter. */
function mostNames(): i32 {
  return (5 << bits) >> 3;
}

function growTable(): void {
  const before = places;
  const length = 8 << bits;
  bits++;
  places = emptyPlaces();
  const mask = (8 << bits) - 1;
  for (let from = before; from < before + length; from += 8) {
    const entry = load<u64>(from);
    if (entry >> 32 == 0) continue;
    let place = (<u32>entry >>> (32 - bits)) << 3;
    while (load<i32>(places + place, 4) != 0) place = (place + 8) & mask;
    store<u64>(places + place, entry);
  }
  const longer = allocated((mostNames() + 1) << 2);
  memory.copy(longer, ends, (size + 1) << 2);
  ends = longer;
}

function emptyPlaces(): usize {
  // `likelyCode` looks at one behind the last
  const bytes = (8 << bits) + 8;
  const at = allocated(bytes);
  memory.fill(at, 0, bytes);
  return at;
}

/** Nothing is given back before all names are gone. */
function allocated(bytes: usize): usize {
  const at = (top + 7) & ~7;
  top = at + bytes;
  const held = (<usize>memory.size()) << 16;
  if (top > held) grow(<i32>(top - held));
  return at;
}

/** The bytes of the name that was hashed last, one upon the other. */
let allBytes: u64 = 0;

/** The hash of a name, whose place leaves room for its length. Reads up to 7 bytes behind the name. */
export function hashOf(start: usize, length: i32): u32 {
  let hash = seed;
  let bytes: u64 = 0;
  let left = length;
  while (left >= 8) {
    const eight = load<u64>(start);
    const product = (hash ^ eight) * factor;
    hash = product ^ (product >> 32);
    bytes |= eight;
    start += 8;
    left -= 8;
  }
  const rest = load<u64>(start) & (((<u64>1) << (8 * left)) - 1);
  allBytes = bytes | rest;
  return <u32>(((hash ^ rest ^ ((<u64>length) << 56)) * factor) >> 32);
}

/** Whether the name that was hashed last has bytes beyond ASCII. */
export function isBeyondAscii(): bool {
  return (allBytes & 0x8080808080808080) != 0;
}
