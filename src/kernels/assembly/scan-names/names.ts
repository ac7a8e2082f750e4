import { codeOf, hashOf, isEqual, lastHash, likelyCode, nextHash, seed } from './table';

/** Bytes that one call reads at the most. */
export const capacity = 1 << 15;
/** Names and rows that one call reads at the most: each takes three bytes at least. */
export const most = capacity / 3 + 1;

/** The codes of the names that the last call read, and how many they are. */
export const codes = memory.data(most << 2, 16);
export let written: i32 = 0;

/** Where each name starts, its length, its hash, and the code that it likely has. */
const spans = memory.data(most << 4, 16);
let spansEnd: usize = spans;

/** How many names `readNames` read last, whether the last one ended, and whether there was one that is none. */
export let namesRead: i32 = 0;
export let hasEnded: bool = false;
export let isRefused: bool = false;

/** Whether bytes are UTF-8. */
declare function isUtf8(start: usize, length: i32): bool;
/** Puts the UTF-8 of a string with escapes in its place and returns its length; -1 where there is none. */
declare function unescape(start: usize, length: i32): i32;

/** Before the first name of a call. */
export function beginNames(): void {
  spansEnd = spans;
  isRefused = false;
}

/** Finds the codes of all names of this call. Here no search waits for the one before it, as it would between the names of the text. */
export function findCodes(): bool {
  for (let span = spans; span < spansEnd; span += 16) store<i32>(span, likelyCode(load<u32>(span, 8)), 12);
  written = 0;
  for (let span = spans; span < spansEnd; span += 16) {
    const start = load<usize>(span);
    const length = load<i32>(span, 4);
    let code = load<i32>(span, 12);
    if (code < 0 || !isEqual(code, start, length)) code = codeOf(start, length, load<u32>(span, 8));
    if (code < 0) return false;
    store<i32>(codes + (written++ << 2), code);
  }
  return true;
}

/**
 * Reads the name whose quote is at `quote`, and those behind it that follow with nothing but a comma between. Returns where the text goes
 * on; or the quote of a name that the bytes do not end, or that is refused.
 */
export function readNames(quote: usize, end: usize): usize {
  let span = spansEnd;
  namesRead = 0;
  hasEnded = false;
  let at = quote;
  while (true) {
    const first = at + 1;
    let next = first;
    let hash = seed;
    let high = 0;
    let bytes = v128.load(next);
    let stops = stopsIn(bytes);
    while (stops == 0) {
      high |= i8x16.bitmask(bytes);
      hash = nextHash(nextHash(hash, load<u64>(next)), load<u64>(next, 8));
      next += 16;
      bytes = v128.load(next);
      stops = stopsIn(bytes);
    }
    const left = ctz<i32>(stops);
    high |= i8x16.bitmask(bytes) & ((1 << left) - 1);
    let rest = load<u64>(next);
    if (left >= 8) {
      hash = nextHash(hash, rest);
      rest = load<u64>(next, 8);
    }
    rest &= ((<u64>1) << ((left & 7) << 3)) - 1;
    next += <usize>left;
    let length = <i32>(next - first);
    let hashed = lastHash(hash, rest, length);
    if (load<u8>(next) != 0x22 /* " */) {
      next = endOfEscaped(first, next, end);
      if (next == 0) break;
      length = nameLength;
      hashed = hashOf(first, length);
    } else if (high != 0 && !isUtf8(first, length)) {
      isRefused = true;
      break;
    }
    store<usize>(span, first);
    store<i32>(span, length, 4);
    store<u32>(span, hashed, 8);
    span += 16;
    namesRead++;
    at = next + 1;
    if (load<u16>(at) != 0x222c /* ," */) {
      hasEnded = true;
      break;
    }
    at++;
  }
  spansEnd = span;
  return at;
}

/** The length of the name that `endOfEscaped` read last, without its escapes. */
let nameLength: i32 = 0;

/**
 * Where the quote is that ends the name from `first` on, whose first character that is no plain one is at `at`; 0 where the bytes end before
 * it does, or, with `isRefused`, where it is no name.
 */
function endOfEscaped(first: usize, at: usize, end: usize): usize {
  // RFC 8259, section 7: control characters are escaped
  if (load<u8>(at) < 0x20) {
    isRefused = at < end;
    return 0;
  }
  while (at < end && load<u8>(at) != 0x22) at += load<u8>(at) == 0x5c ? 2 : 1;
  if (at >= end) return 0;
  nameLength = unescape(first, <i32>(at - first));
  isRefused = nameLength < 0;
  return isRefused ? 0 : at;
}

/** Of sixteen bytes, a bit for each quote, backslash and control character. */
function stopsIn(bytes: v128): i32 {
  const escapes = i8x16.eq(bytes, i8x16.splat(0x5c));
  return i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), v128.or(escapes, i8x16.le_u(bytes, i8x16.splat(0x1f)))));
}
