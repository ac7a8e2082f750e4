import { codeOf } from './table';

export { endOf, open, size, startOf } from './table';

/** Bytes that one call reads at the most; zeros follow them, which end every loop over characters. */
const capacity = 1 << 16;
const padding = 16;

const text = memory.data(capacity + padding, 16);
/** The codes of the names that the last call read: each takes three bytes at least. */
const codes = memory.data((capacity / 3 + 1) << 2, 16);
/** How many names each row has that the last call ended. */
const lengths = memory.data((capacity / 3 + 1) << 2, 16);

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
  let out = codes;
  let result = needsMore;
  ended = 0;

  while (true) {
    let byte: u32 = load<u8>(at);
    while (isSpace(byte)) byte = load<u8>(++at);
    if (at >= end) break;

    if (byte == 0x22 /* " */ && !afterValue && depth == (hasRows ? 2 : 1)) {
      const next = endOfName(at + 1, end);
      if (next == 0) break;
      const code = next == refusedName ? -1 : codeOf(at + 1, nameLength);
      if (code < 0) {
        result = refused;
        break;
      }
      store<i32>(out, code);
      out += 4;
      count++;
      afterValue = true;
      at = next;
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
  written = <i32>((out - codes) >> 2);
  return result;
}

/** Opens the list, or a row of it: names and rows do not stand in one list. */
function opens(): bool {
  if (depth == 2 || (depth == 1 && !hasRows && count > 0)) return false;
  if (depth == 1) hasRows = true;
  depth++;
  count = 0;
  return true;
}

/** The length of the name that `endOfName` read last, without its escapes. */
let nameLength: i32 = 0;

const refusedName: usize = 1;

/** Where the text goes on behind the quote of the name that starts at `first`; 0 where the bytes end before it does. */
function endOfName(first: usize, end: usize): usize {
  let at = first;
  let high: u32 = 0;
  let byte: u32 = load<u8>(at);
  while (byte != 0x22 && byte != 0x5c /* \ */) {
    // RFC 8259, section 7: control characters are escaped
    if (byte < 0x20) return at < end ? refusedName : 0;
    high |= byte;
    byte = load<u8>(++at);
  }
  if (byte == 0x5c) {
    while (at < end && load<u8>(at) != 0x22) at += load<u8>(at) == 0x5c ? 2 : 1;
    if (at >= end) return 0;
    nameLength = unescape(first, <i32>(at - first));
    return nameLength < 0 ? refusedName : at + 1;
  }
  nameLength = <i32>(at - first);
  return high < 0x80 || isUtf8(first, nameLength) ? at + 1 : refusedName;
}

function isSpace(byte: u32): bool {
  return byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09);
}
