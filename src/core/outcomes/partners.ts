import type { FaultList } from '../../errors/fault-list.ts';
import { quote } from '../../errors/wording.ts';
import { int32s, padding } from './codes.ts';
import { faultAt } from './outcome-list.ts';
import { type ListSide, outcomeOf } from './rows.ts';

/**
 * Which entries of two lists have one outcome: for each entry the position of its partner among all entries of the other side, `alone`
 * where that side does not list its outcome, and `unread` for padding and in rows that are not read.
 */
export type Partners = {
  readonly ofTarget: Int32Array;
  readonly ofInput: Int32Array;
  /** How many outcomes all rows have, those that both sides list counted once. */
  readonly outcomes: number;
};

export const alone = -1;
const unread = -2;

/** Most outcomes of a row, on either side, for a small table: whoever chooses the ids makes a search no longer than two rows. */
const fewOutcomes = 64;
const placesOfFew = 512;

/** Shifts a product of 32 bits to a place among few: Fibonacci hashing, Knuth, The Art of Computer Programming 3, section 6.4. */
const shift = 32 - Math.log2(placesOfFew);
const factor = 0x9e3779b1;

/**
 * Finds the partners in all rows that are read. Faults are outcomes that are listed twice.
 *
 * A table holds where the outcomes of a row were listed, by their codes. Rows of few outcomes have a small table, which stays in the cache
 * of a core and in which codes may share a place; longer ones have a place for every code. Entries are numbered row by row, those of
 * target first, from 1 on, and nothing is cleared between rows: what is not above `before` is of an earlier one.
 * @param size how many codes there are
 */
export function partnersOf(target: ListSide, input: ListSide, size: number, isUnread: (d: number) => boolean, faults: FaultList): Partners {
  const [p, q] = [target.codes, input.codes];
  const [starts, otherStarts] = [target.list.starts, input.list.starts];
  const [ofTarget, ofInput] = [int32s(p.length).fill(unread), int32s(q.length).fill(unread)];
  const isSmall = size > placesOfFew && Math.max(longest(starts), longest(otherStarts)) <= fewOutcomes;
  const table = int32s(isSmall ? placesOfFew : size);
  const keys = int32s(isSmall ? placesOfFew : 0);
  let outcomes = 0;

  /** Where a code of the row stands, or may be put. */
  function placeOf(code: number, before: number): number {
    if (!isSmall) return code;
    let place = Math.imul(code, factor) >>> shift;
    while (table[place] > before && keys[place] !== code) place = (place + 1) & (placesOfFew - 1);
    keys[place] = code;
    return place;
  }

  for (let d = 0; d < starts.length - 1; d++) {
    if (isUnread(d)) continue;
    const [start, end] = [starts[d], starts[d + 1]];
    const [otherStart, otherEnd] = [otherStarts[d], otherStarts[d + 1]];
    const before = start + otherStart;
    for (let at = start; at < end; at++) {
      const code = p[at];
      if (code === padding) continue;
      const place = placeOf(code, before);
      const known = table[place] - before - 1;
      if (known >= 0) faults.add(() => duplicate(target, d, at - start, known));
      else {
        table[place] = before + at - start + 1;
        ofTarget[at] = alone;
        outcomes++;
      }
    }
    for (let at = otherStart; at < otherEnd; at++) {
      const code = q[at];
      if (code === padding) continue;
      const place = placeOf(code, before);
      const known = table[place] - before - 1;
      if (known < 0) {
        table[place] = before + end - start + at - otherStart + 1;
        ofInput[at] = alone;
        outcomes++;
      } else if (known >= end - start) faults.add(() => duplicate(input, d, at - otherStart, known - (end - start)));
      else if (ofTarget[start + known] !== alone)
        faults.add(() => duplicate(input, d, at - otherStart, ofTarget[start + known] - otherStart));
      else {
        ofInput[at] = start + known;
        ofTarget[start + known] = at;
      }
    }
  }
  return { ofTarget, ofInput, outcomes };
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
