import { counts, endOfText, lengths, maxRank, numbers, shape, text } from './layout';
import { endOfNumber, forgetFractions, isSpace, parsed, stoppedAt } from './number';

const minusInfinity = memory.data<u8>([0x22, 0x2d, 0x49, 0x6e, 0x66, 0x69, 0x6e, 0x69, 0x74, 0x79, 0x22]);
const minusInfinityLength = 11;

/** What `scan` returns: it needs more bytes, the tensor is complete, or it is none that this scanner reads. */
export const needsMore = 0;
export const complete = 1;
export const refused = 2;

/** Bytes of the last call that are done with; the host sends the rest again, with more behind it. */
export let consumed: i32 = 0;
/** Numbers that the last call wrote. */
export let written: i32 = 0;
/** Rows that the last call ended, where they may differ in length. */
export let ended: i32 = 0;
/** The number of axes, 0 before the first number. */
export let rank: i32 = 0;
/** The smallest and the largest number of this tensor so far. */
export let lowest: f64 = Infinity;
export let highest: f64 = -Infinity;

export let reached: usize = 0;
export let filled: usize = 0;

let depth: i32 = 0;
/** Whether it is a list of rows, which may be empty and differ in length. */
let isRagged: bool = false;
/** Whether a comma or ] comes next, rather than a value. */
let afterValue: bool = false;

/** Makes ready for the next tensor, whose text starts with [; for rows of any lengths, if `ragged`. */
export function start(ragged: bool): void {
  isRagged = ragged;
  rank = ragged ? 2 : 0;
  depth = 0;
  afterValue = false;
  forgetFractions();
  lowest = Infinity;
  highest = -Infinity;
  memory.fill(shape, 0, maxRank << 2);
}

/**
 * Reads `length` bytes of a tensor of nested lists of numbers. A token that reaches the end of the bytes is left for the next call.
 * Lists of one depth have one length; "-Infinity" is the only string. What JSON.parse refuses is refused here.
 */
export function scan(length: i32): i32 {
  const result = scanFrom(text, endOfText(length), numbers);
  stopAt(reached, filled);
  return result;
}

/** Scans as `scan` does, from `at` to `end`, into `out`. Leaves in `reached` where it stopped, in `filled` the end of the numbers. */
export function scanFrom(at: usize, end: usize, out: usize): i32 {
  let low = lowest;
  let high = highest;
  let result = needsMore;
  ended = 0;

  while (true) {
    let byte: u32 = load<u8>(at);
    while (isSpace(byte)) byte = load<u8>(++at);
    if (at >= end) break;

    if (afterValue) {
      if (byte == 0x2c /* , */) {
        afterValue = false;
        at++;
      } else if (byte == 0x5d /* ] */ && close()) {
        at++;
        if (depth == 0) {
          result = complete;
          break;
        }
      } else {
        result = refused;
        break;
      }
    } else if (byte == 0x5b /* [ */) {
      if (depth == (rank == 0 ? maxRank : rank)) {
        result = refused;
        break;
      }
      store<i32>(counts + (depth << 2), 0);
      depth++;
      at++;
    } else if (byte == 0x5d && isRagged && depth == 2 && load<i32>(counts + 4) == 0) {
      // an empty row
      close();
      afterValue = true;
      at++;
    } else {
      // numbers stand at the depth of the first one only
      if (depth == 0 || (rank != 0 && depth != rank)) {
        result = refused;
        break;
      }
      let next: usize = 0;
      let count = 0;
      do {
        let number: f64;
        if (byte == 0x22 /* " */) {
          if (at + minusInfinityLength > end) break;
          if (memory.compare(at, minusInfinity, minusInfinityLength) != 0) {
            result = refused;
            break;
          }
          next = at + minusInfinityLength;
          number = -Infinity;
        } else {
          next = endOfNumber(at);
          if (next == 0) {
            if (stoppedAt < end) result = refused;
            break;
          }
          // it may go on in the bytes to come
          if (next >= end) break;
          number = parsed;
          if (abs(number) == Infinity) {
            result = refused;
            break;
          }
        }
        low = number < low ? number : low;
        high = number > high ? number : high;
        store<f64>(out, number);
        out += 8;
        count++;
        at = next;
        afterValue = true;

        byte = load<u8>(at);
        while (isSpace(byte)) byte = load<u8>(++at);
        if (byte != 0x2c /* , */) break;
        afterValue = false;
        byte = load<u8>(++at);
        while (isSpace(byte)) byte = load<u8>(++at);
      } while (at < end);
      const places = counts + ((depth - 1) << 2);
      store<i32>(places, load<i32>(places) + count);
      if (count > 0) rank = depth;
      if (result == refused || (!afterValue && at < end)) break;
    }
  }
  lowest = low;
  highest = high;
  reached = at;
  filled = out;
  return result;
}

/** Says how far a call came. */
export function stopAt(at: usize, out: usize): void {
  consumed = <i32>(at - text);
  written = <i32>((out - numbers) >> 3);
}

/** Ends the innermost list; false where its length is not that of the first at its depth, and must be. */
function close(): bool {
  depth--;
  const place = depth << 2;
  const count = load<i32>(counts + place);
  if (isRagged && depth == 1) {
    store<i32>(lengths + (ended++ << 2), count);
    return true;
  }
  const size = load<i32>(shape + place);
  // the first list at a depth to end is the first to have begun there
  if (size == 0) store<i32>(shape + place, count);
  else if (size != count) return false;
  if (depth > 0) store<i32>(counts + place - 4, load<i32>(counts + place - 4) + 1);
  return true;
}
