import { capacity, endOfText, numbers, shape, text } from './layout';
import { complete, filled, highest, lowest, needsMore, rank, reached, scanFrom, start, stopAt } from './lists';
import { isSpace } from './number';

/** The text without the numbers of the lists that were taken. */
const envelope = memory.data(capacity, 16);
export let envelopeLength: i32 = 0;

/** Axes of a list at the most; one with more is left in the text. */
const mostAxes = 4;
/** Lists that one call takes at the most. */
const mostLists = 2048;
/**
 * Of each list that was taken: its item, whether it is the target, the number of its axes, the size of each, and behind which of the
 * numbers it ends, as i32; then its smallest and its largest number.
 */
const lists = memory.data(mostLists * 48, 16);
export let listCount: i32 = 0;

/** How many lists and objects are open, and whether they lie in the list of items. */
let depth: i32 = 0;
let isInItems: bool = false;
let item: i32 = 0;

export function envelopeOffset(): usize {
  return envelope;
}

export function listsOffset(): usize {
  return lists;
}

/** Makes ready for the text of another batch. */
export function beginItems(): void {
  depth = 0;
  isInItems = false;
  item = 0;
}

/**
 * Goes through the next `length` bytes of a batch, without looking whether they are JSON, and takes the lists of numbers that are the
 * `input` or the `target` of an item out of the text: an empty list stands in the place of each. What reaches the end of the bytes is left
 * for the next call: `consumed` are done with.
 */
export function takeItems(length: i32): void {
  const end = endOfText(length);
  let at = text;
  let kept = text;
  let to = envelope;
  let out = numbers;
  listCount = 0;
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x22 /* " */) {
      const close = closingQuote(at + 1, end);
      let next = afterSpace(close + 1);
      // what follows may be a colon
      if (next >= end) break;
      if (load<u8>(next) != 0x3a /* : */) {
        at = next;
        continue;
      }
      next = afterSpace(next + 1);
      const side = depth == 3 && isInItems ? sideOf(at + 1, close) : -1;
      if (side >= 0) {
        if (next >= end || listCount == mostLists) break;
        if (load<u8>(next) == 0x5b /* [ */) {
          start(false);
          const result = scanFrom(next, end, out);
          if (result == needsMore) break;
          if (result == complete && rank <= mostAxes) {
            out = filled;
            note(side, <i32>((out - numbers) >> 3));
            to = copied(kept, next, to);
            store<u16>(to, 0x5d5b /* [] */);
            to += 2;
            kept = next = reached;
          }
        }
      } else if (depth == 1) isInItems = close - at == 6 && load<u32>(at + 1) == 0x6d657469 /* item */ && load<u8>(at + 5) == 0x73 /* s */;
      at = next;
      continue;
    }
    if (byte == 0x5b /* [ */ || byte == 0x7b /* { */) {
      depth++;
      if (depth == 2) item = 0;
    } else if (byte == 0x5d /* ] */ || byte == 0x7d /* } */) depth--;
    else if (byte == 0x2c /* , */ && depth == 2) item++;
    at++;
  }
  to = copied(kept, at, to);
  envelopeLength = <i32>(to - envelope);
  stopAt(at, out);
}

function copied(from: usize, until: usize, to: usize): usize {
  memory.copy(to, from, until - from);
  return to + (until - from);
}

/** Where the string ends whose text begins here; `end` if it does not. */
function closingQuote(at: usize, end: usize): usize {
  while (at < end) {
    const byte = load<u8>(at);
    if (byte == 0x22 /* " */) return at;
    at += byte == 0x5c /* \\ */ ? 2 : 1;
  }
  return end;
}

function afterSpace(at: usize): usize {
  while (isSpace(load<u8>(at))) at++;
  return at;
}

/** 0 for `input`, 1 for `target`, -1 for any other name. */
function sideOf(from: usize, to: usize): i32 {
  if (to - from == 5) return load<u32>(from) == 0x75706e69 /* inpu */ && load<u8>(from + 4) == 0x74 /* t */ ? 0 : -1;
  if (to - from == 6) return load<u32>(from) == 0x67726174 /* targ */ && load<u16>(from + 4) == 0x7465 /* et */ ? 1 : -1;
  return -1;
}

function note(side: i32, end: i32): void {
  const at = lists + listCount++ * 48;
  store<i32>(at, item);
  store<i32>(at + 4, side);
  store<i32>(at + 8, rank);
  memory.copy(at + 12, shape, mostAxes << 2);
  store<i32>(at + 28, end);
  store<f64>(at + 32, lowest);
  store<f64>(at + 40, highest);
}
