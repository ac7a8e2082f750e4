import { uint32s } from '../../memory/small-arrays.ts';

/**
 * Where outcomes of the row that is recorded were listed, by their codes. Rows of few outcomes have a small table, which stays in the
 * cache of a core and in which codes may share a place; a longer row has a place for every code. Nothing is cleared between rows: what
 * stands before the start of a row is of another one.
 */
export type Seen = {
  /** Places hold positions among all entries, counted from 1. */
  readonly places: Uint32Array;
  /** How far the hash of a code is shifted; undefined where the code is its place. */
  readonly shift: number | undefined;
};

/** Most outcomes of a row for a small table: whoever chooses the ids makes a search no longer than a row. */
const fewOutcomes = 64;
const placesOfFew = 256;

/** @param size how many codes there are */
export function createSeen(starts: Uint32Array, size: number): Seen {
  let longest = 0;
  for (let d = 1; d < starts.length; d++) longest = Math.max(longest, starts[d] - starts[d - 1]);
  return longest <= fewOutcomes && size > placesOfFew
    ? { places: uint32s(placesOfFew), shift: 32 - Math.log2(placesOfFew) }
    : { places: uint32s(size), shift: undefined };
}

/** The place where a code of the row from `start` on stands, or may be put: it is free if it holds no more than `start`. */
export function placeFor({ places, shift }: Seen, codes: Int32Array, start: number, code: number): number {
  if (shift === undefined) return code;
  // Fibonacci hashing: Knuth, The Art of Computer Programming 3, section 6.4
  let place = Math.imul(code, 0x9e3779b1) >>> shift;
  while (places[place] > start && codes[places[place] - 1] !== code) place = (place + 1) % placesOfFew;
  return place;
}
