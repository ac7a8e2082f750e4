import type { FaultList } from '../../errors/fault-list.ts';
import { quote } from '../../errors/wording.ts';
import { int32s } from '../../memory/small-arrays.ts';
import { padding } from './codes.ts';
import { faultAt } from './outcome-list.ts';
import { type ListSide, outcomeOf } from './rows.ts';

/**
 * Finds which entries of two lists have one outcome, a row at a time: in memory that is used again for the next, since what stands in a
 * cache is read sooner than it is written elsewhere.
 */
export type Partners = {
  /**
   * For each entry of the row that was found last, the place of its partner in that row of the other side, `alone` where that side does not
   * list its outcome, and `unread` for padding.
   */
  readonly ofTarget: Int32Array;
  readonly ofInput: Int32Array;
  /** Finds those of row d. Rows come in ascending order, each once. */
  readonly find: (d: number) => void;
};

export const alone = -1;
export const unread = -2;

/** A table of so many places stays in a core's second cache, where a look takes less time than a search in a small table. */
const mostPlaces = 2 ** 17;

/** Most outcomes of a row, on either side, for a small table: whatever ids a client chooses, a search is no longer than two rows. */
const fewOutcomes = 64;
const placesOfFew = 512;

/** Shifts a product of 32 bits to a place among few: Fibonacci hashing, Knuth, The Art of Computer Programming 3, section 6.4. */
const shift = 32 - Math.log2(placesOfFew);
const factor = 0x9e3779b1;

/**
 * Where the outcomes of a row are listed, by their codes: a number for each place. There is a place for every code; where that would be too
 * many, rows of few outcomes have a small table, in which codes may share a place. Numbers ascend from row to row, and nothing is cleared
 * between rows: what is not above a number `before` is of an earlier row.
 */
export type OutcomeTable = { readonly isSmall: boolean; readonly numbers: Int32Array; readonly keys: Int32Array };

/** @param size how many codes there are */
export function tableFor(target: ListSide, input: ListSide, size: number): OutcomeTable {
  const isSmall = size > mostPlaces && Math.max(longest(target.list.starts), longest(input.list.starts)) <= fewOutcomes;
  return { isSmall, numbers: int32s(isSmall ? placesOfFew : size), keys: int32s(isSmall ? placesOfFew : 0) };
}

/** Where a code of the row stands, or is put. */
export function placeIn({ isSmall, numbers, keys }: OutcomeTable, code: number, before: number): number {
  return isSmall ? placeAmongFew(numbers, keys, code, before) : code;
}

/**
 * Returns what finds partners. Faults are outcomes that are listed twice. Entries are numbered row by row, those of target first, from 1
 * on: what is above `second` is of input.
 * @param size how many codes there are
 */
export function partnersOf(target: ListSide, input: ListSide, size: number, faults: FaultList): Partners {
  const [p, q] = [target.codes, input.codes];
  const [starts, otherStarts] = [target.list.starts, input.list.starts];
  const [ofTarget, ofInput] = [int32s(longest(starts)), int32s(longest(otherStarts))];
  const outcomes = tableFor(target, input, size);
  const table = outcomes.numbers;

  // a function in a loop would make V8 allocate for each turn of it
  const twice = (side: ListSide, d: number, k: number, first: number) => faults.add(() => duplicate(side, d, k, first));

  function find(d: number): void {
    const [start, otherStart] = [starts[d], otherStarts[d]];
    const before = start + otherStart;
    const second = starts[d + 1] + otherStart;
    placeTarget(d, start, starts[d + 1] - start, before);
    findInput(d, otherStart, otherStarts[d + 1] - otherStart, before, second);
  }

  function placeTarget(d: number, start: number, length: number, before: number): void {
    for (let k = 0; k < length; k++) {
      const code = p[start + k];
      ofTarget[k] = code === padding ? unread : alone;
      if (code === padding) continue;
      const place = placeIn(outcomes, code, before);
      const known = table[place];
      if (known <= before) table[place] = before + k + 1;
      else {
        ofTarget[k] = unread;
        twice(target, d, k, known - before - 1);
      }
    }
  }

  function findInput(d: number, start: number, length: number, before: number, second: number): void {
    for (let k = 0; k < length; k++) {
      const code = q[start + k];
      ofInput[k] = code === padding ? unread : alone;
      if (code === padding) continue;
      const place = placeIn(outcomes, code, before);
      const known = table[place];
      if (known <= before) table[place] = second + k + 1;
      else if (known <= second && ofTarget[known - before - 1] === alone) {
        ofInput[k] = known - before - 1;
        ofTarget[known - before - 1] = k;
      } else {
        ofInput[k] = unread;
        twice(input, d, k, known <= second ? ofTarget[known - before - 1] : known - second - 1);
      }
    }
  }
  return { ofTarget, ofInput, find };
}

function placeAmongFew(table: Int32Array, keys: Int32Array, code: number, before: number): number {
  let place = Math.imul(code, factor) >>> shift;
  while (table[place] > before && keys[place] !== code) place = (place + 1) & (placesOfFew - 1);
  keys[place] = code;
  return place;
}

function longest(starts: Uint32Array): number {
  let most = 0;
  for (let d = 1; d < starts.length; d++) most = Math.max(most, starts[d] - starts[d - 1]);
  return most;
}

export function duplicate({ list }: ListSide, d: number, k: number, first: number) {
  const outcome = outcomeOf(list, list.starts[d] + k);
  const inWords = typeof outcome === 'string' ? quote(outcome) : String(outcome);
  const detail = `${inWords} is in the list already, as entry ${first}: list each outcome once, with the sum of its masses`;
  return faultAt(list.placeOf('outcomes', d, k), 'DUPLICATE_OUTCOME', detail);
}
