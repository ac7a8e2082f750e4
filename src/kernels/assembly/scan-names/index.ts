import { beginNames, blockBytes, capacity, codes, findCodes, hasEnded, isRefused, most, namesRead, readNames } from './names';

export { written } from './names';
export { endOf, open, size, startOf } from './table';

/** Zeros that follow the bytes, which end every loop over characters and are there for every block that begins before them. */
const padding = blockBytes;

const text = memory.data(capacity + padding, 16);

/** How many names each row has that the last call ended. */
const lengths = memory.data(most << 2, 16);

/** What `scan` returns: it needs more bytes, the list is complete, or it is none that this scanner reads. */
const needsMore = 0;
const complete = 1;
const refused = 2;

/** Bytes of the last call that are done with; the host sends the rest again, with more behind it. */
export let consumed: i32 = 0;
/** Rows that the last call ended. */
export let ended: i32 = 0;
/** Whether the list has rows of names, and not names. */
export let hasRows: bool = false;

let depth: i32 = 0;
/** Names in this row so far. */
let count: i32 = 0;
/** Whether a comma or ] comes next, rather than a value. */
let afterValue: bool = false;

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
  beginNames();

  while (true) {
    let byte: u32 = load<u8>(at);
    while (isSpace(byte)) byte = load<u8>(++at);
    if (at >= end) break;

    if (byte == 0x22 /* " */ && !afterValue && depth == (hasRows ? 2 : 1)) {
      at = readNames(at, end);
      count += namesRead;
      if (isRefused) result = refused;
      if (!hasEnded) break;
      afterValue = true;
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
  return findCodes() ? result : refused;
}

/** Opens the list, or a row of it: names and rows do not stand in one list. */
function opens(): bool {
  if (depth == 2 || (depth == 1 && !hasRows && count > 0)) return false;
  if (depth == 1) hasRows = true;
  depth++;
  count = 0;
  return true;
}

function isSpace(byte: u32): bool {
  return byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09);
}
