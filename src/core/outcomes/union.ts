import type { FaultList } from '../../errors/fault-list.ts';
import { unsetFloat64s, unsetInt32s, unsetUint32s } from '../../memory/small-arrays.ts';
import { padding } from './codes.ts';
import { duplicate, type OutcomeTable, placeIn, tableFor } from './partners.ts';
import type { ListSide } from './rows.ts';

/** Rows of matched numbers. Row d starts at `starts[d]`; `sources` tells whose outcome each number is. */
export type MatchedRows = {
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
  readonly input: Float64Array;
  readonly target: Float64Array;
  /** From 0 on an entry of target, below 0 the complement of one of input; `restSource` for what is left to 1. */
  readonly sources: Int32Array;
};

export const restSource = 2 ** 31 - 1;

/** Returns rows with room for so many numbers, and one for each row, so that no two rows start at one place. */
export function emptyRows(distributions: number, numbers: number): MatchedRows {
  const room = numbers + distributions;
  return {
    starts: unsetUint32s(distributions),
    lengths: unsetUint32s(distributions),
    input: unsetFloat64s(room),
    target: unsetFloat64s(room),
    sources: unsetInt32s(room),
  };
}

/** Ends row d, which starts at `starts[d]`, before `used`, and returns where the next one starts. */
export function endRow({ starts, lengths, input, target, sources }: MatchedRows, d: number, used: number): number {
  lengths[d] = used - starts[d];
  if (lengths[d] > 0) return used;
  input[used] = 0;
  target[used] = 0;
  sources[used] = 0;
  return used + 1;
}

/** The rows without the room that was not needed. */
export function trimmed(rows: MatchedRows, used: number): MatchedRows {
  return { ...rows, input: rows.input.subarray(0, used), target: rows.target.subarray(0, used) };
}

/**
 * Returns two lists over the union of their outcomes, those of target first: what one side does not list has no mass there. Rows that are
 * not read are empty. Faults are outcomes that are listed twice.
 * @param size how many codes there are
 */
export function unionOf(target: ListSide, input: ListSide, size: number, isUnread: (d: number) => boolean, faults: FaultList): MatchedRows {
  const distributions = target.list.starts.length - 1;
  const rows = emptyRows(distributions, target.codes.length + input.codes.length);
  const table = tableFor(target, input, size);
  // a function in a loop would make V8 allocate for each turn of it
  const twice = (side: ListSide, d: number, at: number) => faults.add(() => listedTwice(side, d, at));
  let used = 0;
  for (let d = 0; d < distributions; d++) {
    rows.starts[d] = used;
    if (!isUnread(d)) used = writeUnion(target, input, d, { rows, table, twice }, used);
    used = endRow(rows, d, used);
  }
  return trimmed(rows, used);
}

type Writing = {
  readonly rows: MatchedRows;
  readonly table: OutcomeTable;
  readonly twice: (side: ListSide, d: number, at: number) => void;
};

/**
 * Writes row d from `start` on, and returns where it stopped. In the table stands where an outcome was written, twice that and 2, which is
 * odd from when input has listed it.
 */
function writeUnion(target: ListSide, input: ListSide, d: number, { rows, table, twice }: Writing, start: number): number {
  // a property that is read for each entry costs as much as the entry
  const { target: masses, input: others, sources } = rows;
  const { numbers } = table;
  const [codes, otherCodes] = [target.codes, input.codes];
  const [{ starts, values: p }, { starts: otherStarts, values: q }] = [target.list, input.list];
  const [noneP, noneQ] = [target.none, input.none];
  const [end, endOther] = [starts[d + 1], otherStarts[d + 1]];
  const before = 2 * start + 1;
  let used = start;
  for (let at = starts[d]; at < end; at++) {
    const code = codes[at];
    if (code === padding) continue;
    const place = placeIn(table, code, before);
    if (numbers[place] > before) {
      twice(target, d, at);
      continue;
    }
    numbers[place] = 2 * used + 2;
    masses[used] = p[at];
    others[used] = noneQ;
    sources[used++] = at;
  }
  for (let at = otherStarts[d]; at < endOther; at++) {
    const code = otherCodes[at];
    if (code === padding) continue;
    const place = placeIn(table, code, before);
    const known = numbers[place];
    if (known <= before) {
      numbers[place] = 2 * used + 3;
      masses[used] = noneP;
      others[used] = q[at];
      sources[used++] = ~at;
    } else if (known % 2 === 0) {
      numbers[place] = known + 1;
      others[(known >> 1) - 1] = q[at];
    } else twice(input, d, at);
  }
  return used;
}

function listedTwice(side: ListSide, d: number, at: number) {
  const start = side.list.starts[d];
  return duplicate(side, d, at - start, side.codes.indexOf(side.codes[at], start) - start);
}
