import type { FaultList } from '../../errors/fault-list.ts';
import { quote } from '../../errors/wording.ts';
import { int32s } from '../../memory/small-arrays.ts';
import { padding } from './codes.ts';
import { faultAt } from './outcome-list.ts';
import { type ListSide, outcomeOf } from './rows.ts';

/**
 * Finds which entries of two lists have one outcome, a row at a time: in memory that is used again for the next, since what stands in a cache
 * is read sooner than it is written elsewhere.
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

/** Most outcomes of a row, on either side, for a small table: whoever chooses the ids makes a search no longer than two rows. */
const fewOutcomes = 64;
const placesOfFew = 512;

/** Shifts a product of 32 bits to a place among few: Fibonacci hashing, Knuth, The Art of Computer Programming 3, section 6.4. */
const shift = 32 - Math.log2(placesOfFew);
const factor = 0x9e3779b1;

/**
 * Returns what finds partners. Faults are outcomes that are listed twice.
 *
 * A table holds where the outcomes of a row were listed, by their codes. Rows of few outcomes have a small table, which stays in the cache
 * of a core and in which codes may share a place; longer ones have a place for every code. Entries are numbered row by row, those of
 * target first, from 1 on, and nothing is cleared between rows: what is not above `before` is of an earlier one.
 * @param size how many codes there are
 */
export function partnersOf(target: ListSide, input: ListSide, size: number, faults: FaultList): Partners {
  const [p, q] = [target.codes, input.codes];
  const [starts, otherStarts] = [target.list.starts, input.list.starts];
  const [most, mostOthers] = [longest(starts), longest(otherStarts)];
  const [ofTarget, ofInput] = [int32s(most), int32s(mostOthers)];
  const isSmall = size > placesOfFew && Math.max(most, mostOthers) <= fewOutcomes;
  const table = int32s(isSmall ? placesOfFew : size);
  const keys = int32s(isSmall ? placesOfFew : 0);

  // a function in a loop would make V8 allocate for each turn of it
  const twice = (side: ListSide, d: number, k: number, first: number) => faults.add(() => duplicate(side, d, k, first));

  function find(d: number): void {
    const [start, otherStart] = [starts[d], otherStarts[d]];
    const [length, otherLength] = [starts[d + 1] - start, otherStarts[d + 1] - otherStart];
    const before = start + otherStart;
    for (let k = 0; k < length; k++) {
      const code = p[start + k];
      ofTarget[k] = unread;
      if (code === padding) continue;
      const place = isSmall ? placeAmongFew(table, keys, code, before) : code;
      const known = table[place] - before - 1;
      if (known >= 0) twice(target, d, k, known);
      else {
        table[place] = before + k + 1;
        ofTarget[k] = alone;
      }
    }
    for (let k = 0; k < otherLength; k++) {
      const code = q[otherStart + k];
      ofInput[k] = unread;
      if (code === padding) continue;
      const place = isSmall ? placeAmongFew(table, keys, code, before) : code;
      const known = table[place] - before - 1;
      if (known < 0) {
        table[place] = before + length + k + 1;
        ofInput[k] = alone;
      } else if (known >= length) twice(input, d, k, known - length);
      else if (ofTarget[known] !== alone) twice(input, d, k, ofTarget[known]);
      else {
        ofInput[k] = known;
        ofTarget[known] = k;
      }
    }
  }
  return { ofTarget, ofInput, find };
}

/** Where a code of the row stands, or is put. */
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

function duplicate({ list }: ListSide, d: number, k: number, first: number) {
  const outcome = outcomeOf(list, list.starts[d] + k);
  const inWords = typeof outcome === 'string' ? quote(outcome) : String(outcome);
  const detail = `${inWords} is in the list already, as entry ${first}: list each outcome once, with the sum of its masses`;
  return faultAt(list.placeOf('outcomes', d, k), 'DUPLICATE_OUTCOME', detail);
}
