import { codeOf, hashOf, isBeyondAscii, isEqual, likelyCode } from './table';

/** Bytes whose stops are found together. */
export const blockBytes = 64;

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
 * Reads the name whose quote is at `quote`, and those behind it that follow with nothing but a comma, or a comma and a space, between.
 * Returns where the text goes on; or the quote of a name that the bytes do not end, or that is refused.
 */
export function readNames(quote: usize, end: usize): usize {
  let span = spansEnd;
  let first = quote + 1;
  // stops are found block by block: a search from each name on would wait for the end of the name before it
  let block = first;
  let stops = stopsIn(block);
  namesRead = 0;
  hasEnded = false;
  while (true) {
    while (stops == 0) stops = stopsIn((block += blockBytes));
    let next = block + <usize>ctz(stops);
    stops &= stops - 1;
    let length = <i32>(next - first);
    let hash = hashOf(first, length);
    if (load<u8>(next) != 0x22 /* " */) {
      next = endOfEscaped(first, next, end);
      if (next == 0) break;
      length = nameLength;
      hash = hashOf(first, length);
      block = next + 1;
      stops = stopsIn(block);
    } else if (isBeyondAscii() && !isUtf8(first, length)) {
      isRefused = true;
      break;
    }
    store<usize>(span, first);
    store<i32>(span, length, 4);
    store<u32>(span, hash, 8);
    span += 16;
    namesRead++;
    const behind = load<u32>(next, 1);
    const apart: usize = (behind & 0xffff) == 0x222c /* ," */ ? 2 : (behind & 0xffffff) == 0x22202c /* , " */ ? 3 : 0;
    if (apart == 0) {
      hasEnded = true;
      spansEnd = span;
      return next + 1;
    }
    first = next + 1 + apart;
    // the quote before it
    while (stops == 0) stops = stopsIn((block += blockBytes));
    stops &= stops - 1;
  }
  spansEnd = span;
  return first - 1;
}

/** The length of the name that `endOfEscaped` read last, without its escapes. */
let nameLength: i32 = 0;

/**
 * Where the quote is that ends the name from `first` on, whose first character that is no plain one is at `at`; 0 where the bytes end
 * before it does, or, with `isRefused`, where it is no name.
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

/** Of a block, a bit for each quote, backslash and control character. */
function stopsIn(block: usize): u64 {
  return stopsAt(block) | (stopsAt(block + 16) << 16) | (stopsAt(block + 32) << 32) | (stopsAt(block + 48) << 48);
}

function stopsAt(at: usize): u64 {
  const bytes = v128.load(at);
  const escapes = i8x16.eq(bytes, i8x16.splat(0x5c));
  return <u32>i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), v128.or(escapes, i8x16.le_u(bytes, i8x16.splat(0x1f)))));
}
