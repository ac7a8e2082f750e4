import { codeOf, hashOf, lastHash, nextHash, seed } from './table';

export { endOf, open, size, startOf } from './table';

/** Bytes that one call reads at the most; zeros follow them, which end every loop over characters. */
const capacity = 1 << 15;
const padding = 16;

const text = memory.data(capacity + padding, 16);
/** Names and rows that one call reads at the most: each takes three bytes at least. */
const most = capacity / 3 + 1;

/** The codes of the names that the last call read. */
const codes = memory.data(most << 2, 16);
/** How many names each row has that the last call ended. */
const lengths = memory.data(most << 2, 16);
/** Where each name starts, its length and its hash. */
const spans = memory.data(most * 12, 16);

/** What `scan` returns: it needs more bytes, the list is complete, or it is none that this scanner reads. */
const needsMore = 0;
const complete = 1;
const refused = 2;

/** Bytes of the last call that are done with; the host sends the rest again, with more behind it. */
export let consumed: i32 = 0;
/** Names that the last call read. */
export let written: i32 = 0;
/** Rows that the last call ended. */
export let ended: i32 = 0;
/** Whether the list has rows of names, and not names. */
export let hasRows: bool = false;

let depth: i32 = 0;
/** Names in this row so far. */
let count: i32 = 0;
/** Whether a comma or ] comes next, rather than a value. */
let afterValue: bool = false;

/** Whether bytes are UTF-8. */
declare function isUtf8(start: usize, length: i32): bool;
/** Puts the UTF-8 of a string with escapes in its place and returns its length; -1 where there is none. */
declare function unescape(start: usize, length: i32): i32;

export function textOffset(): usize {
  return text;
}

export function textCapacity(): i32 {
  return capacity;
}

export function codesOffset(): usize {
  return codes;
}

export function lengthsOffset(): usize {
  return lengths;
}

/** Makes ready for the next list, whose text starts with [. */
export function start(): void {
  hasRows = false;
  depth = 0;
  count = 0;
  afterValue = false;
}

/**
 * Reads `length` bytes of a list of names, or of rows of names, which may be empty. A name that reaches the end of the bytes is left for
 * the next call. What JSON.parse refuses is refused here, and so are names that have no UTF-8.
 */
export function scan(length: i32): i32 {
  const end = text + length;
  memory.fill(end, 0, padding);
  let at = text;
  let result = needsMore;
  ended = 0;
  spansEnd = spans;
  isRefused = false;

  while (true) {
    let byte: u32 = load<u8>(at);
    while (isSpace(byte)) byte = load<u8>(++at);
    if (at >= end) break;

    if (byte == 0x22 /* " */ && !afterValue && depth == (hasRows ? 2 : 1)) {
      at = readNames(at, end);
      if (!afterValue) {
        if (isRefused) result = refused;
        break;
      }
    } else if (byte == 0x2c /* , */ && afterValue) {
      afterValue = false;
      at++;
    } else if (byte == 0x5b /* [ */ && !afterValue && opens()) {
      at++;
    } else if (byte == 0x5d /* ] */ && (afterValue || (depth == 2 && count == 0))) {
      at++;
      afterValue = true;
      if (--depth == 0) {
        result = complete;
        break;
      }
      store<i32>(lengths + (ended++ << 2), count);
    } else {
      result = refused;
      break;
    }
  }
  consumed = <i32>(at - text);
  return find(spansEnd) ? result : refused;
}

/** Finds the codes of all names up to `end`. Here no search waits for the one before it, as it would between the names of the text. */
function find(end: usize): bool {
  written = 0;
  for (let span = spans; span < end; span += 12) {
    const code = codeOf(load<usize>(span), load<i32>(span, 4), load<u32>(span, 8));
    if (code < 0) return false;
    store<i32>(codes + (written++ << 2), code);
  }
  return true;
}

/** Opens the list, or a row of it: names and rows do not stand in one list. */
function opens(): bool {
  if (depth == 2 || (depth == 1 && !hasRows && count > 0)) return false;
  if (depth == 1) hasRows = true;
  depth++;
  count = 0;
  return true;
}

/** Where the spans end of the names that this call has read. */
let spansEnd: usize = 0;
/** Whether `readNames` met a name that is none. */
let isRefused: bool = false;

/**
 * Reads the name whose quote is at `quote`, and those behind it that follow with nothing but a comma between. Returns where the text goes
 * on, with `afterValue`; or the quote of a name that the bytes do not end, or that is refused.
 */
function readNames(quote: usize, end: usize): usize {
  let span = spansEnd;
  let names = 0;
  let at = quote;
  while (true) {
    const first = at + 1;
    let next = first;
    let high: u64 = 0;
    let hash = seed;
    let eight = load<u64>(next);
    let stops = stopsIn(eight);
    while (stops == 0) {
      high |= eight;
      hash = nextHash(hash, eight);
      next += 8;
      eight = load<u64>(next);
      stops = stopsIn(eight);
    }
    const stop = ctz<u64>(stops) >> 3;
    const rest = eight & (((<u64>1) << (stop << 3)) - 1);
    next += <usize>stop;
    let length = <i32>(next - first);
    let hashed = lastHash(hash, rest, length);
    if (load<u8>(next) != 0x22 /* " */) {
      next = endOfEscaped(first, next, end);
      if (next == 0) break;
      length = nameLength;
      hashed = hashOf(first, length);
    } else if (((high | rest) & eightHighBits) != 0 && !isUtf8(first, length)) {
      isRefused = true;
      break;
    }
    store<usize>(span, first);
    store<i32>(span, length, 4);
    store<u32>(span, hashed, 8);
    span += 12;
    names++;
    at = next + 1;
    if (load<u16>(at) != 0x222c /* ," */) {
      afterValue = true;
      break;
    }
    at++;
  }
  count += names;
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

const eightHighBits: u64 = 0x8080808080808080;
const eightOnes: u64 = 0x0101010101010101;

/** The high bit of bytes that are a quote, a backslash or a control character; the lowest that is set is right, those above it need not be. */
function stopsIn(eight: u64): u64 {
  const quotes = eight ^ (0x22 * eightOnes);
  const escapes = eight ^ (0x5c * eightOnes);
  const found = ((quotes - eightOnes) & ~quotes) | ((escapes - eightOnes) & ~escapes) | ((eight - 0x20 * eightOnes) & ~eight);
  return found & eightHighBits;
}

function isSpace(byte: u32): bool {
  return byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09);
}
