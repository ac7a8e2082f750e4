import type { FaultList } from '../../errors/fault-list.ts';
import { float64s, uint32s } from '../../memory/small-arrays.ts';
import { padding } from './codes.ts';
import { type ListSide, placeIn, recordRow } from './rows.ts';

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
export function emptyRows(distributions: number, numbers: number) {
  const room = numbers + distributions;
  const { buffer, byteOffset } = uint32s(room);
  return {
    starts: uint32s(distributions),
    lengths: uint32s(distributions),
    input: float64s(room),
    target: float64s(room),
    sources: new Int32Array(buffer, byteOffset, room),
  };
}

/** Returns what adds a pair of numbers to rows, and what ends row d. */
export function rowWriter(rows: MatchedRows) {
  let used = 0;
  return {
    add(p: number, q: number, source: number): void {
      rows.target[used] = p;
      rows.input[used] = q;
      rows.sources[used] = source;
      used++;
    },
    startRow(d: number): void {
      rows.starts[d] = used;
    },
    endRow(d: number): void {
      rows.lengths[d] = used - rows.starts[d];
      if (used === rows.starts[d]) used++;
    },
    /** The rows without the room that was not needed. */
    end: (): MatchedRows => ({ ...rows, input: rows.input.subarray(0, used), target: rows.target.subarray(0, used) }),
  };
}

export type RowWriter = ReturnType<typeof rowWriter>;

/**
 * Matches two lists over the union of their outcomes, those of target first: what one side does not list has no mass there.
 * @param isUnread tells rows that are left empty
 */
export function unionOf(target: ListSide, input: ListSide, isUnread: (d: number) => boolean, faults: FaultList): MatchedRows {
  const distributions = target.list.starts.length - 1;
  const writer = rowWriter(emptyRows(distributions, target.codes.length + input.codes.length));
  for (let d = 0; d < distributions; d++) {
    writer.startRow(d);
    if (!isUnread(d)) {
      recordRow(target, d, faults);
      recordRow(input, d, faults);
      writeUnion(target, input, d, writer);
    }
    writer.endRow(d);
  }
  return writer.end();
}

function writeUnion(target: ListSide, input: ListSide, d: number, { add }: RowWriter): void {
  for (let at = target.list.starts[d]; at < target.list.starts[d + 1]; at++) {
    const code = target.codes[at];
    if (code === padding) continue;
    const other = placeIn(input, d, code);
    add(target.list.values[at], other === -1 ? input.none : input.list.values[other], at);
  }
  for (let at = input.list.starts[d]; at < input.list.starts[d + 1]; at++) {
    const code = input.codes[at];
    if (code !== padding && placeIn(target, d, code) === -1) add(target.none, input.list.values[at], ~at);
  }
}
