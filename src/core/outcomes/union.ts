import { unsetFloat64s, unsetInt32s, unsetUint32s } from '../../memory/small-arrays.ts';

import { alone, type Partners } from './partners.ts';
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
 * not read are empty.
 */
export function unionOf(target: ListSide, input: ListSide, partners: Partners, isUnread: (d: number) => boolean): MatchedRows {
  const distributions = target.list.starts.length - 1;
  const rows = emptyRows(distributions, target.codes.length + input.codes.length);
  let used = 0;
  for (let d = 0; d < distributions; d++) {
    rows.starts[d] = used;
    if (!isUnread(d)) used = writeUnion(target, input, d, partners, rows, used);
    used = endRow(rows, d, used);
  }
  return trimmed(rows, used);
}

/** Writes row d from `used` on, and returns where it stopped. */
function writeUnion(target: ListSide, input: ListSide, d: number, partners: Partners, rows: MatchedRows, start: number): number {
  // a property that is read for each entry costs as much as the entry
  const { ofTarget, ofInput } = partners;
  const { target: masses, input: others, sources } = rows;
  const [{ starts, values: p }, { starts: otherStarts, values: q }] = [target.list, input.list];
  const [noneP, noneQ] = [target.none, input.none];
  const [first, end, firstOther, endOther] = [starts[d], starts[d + 1], otherStarts[d], otherStarts[d + 1]];
  partners.find(d);
  let used = start;
  for (let at = first; at < end; at++) {
    const other = ofTarget[at - first];
    if (other < alone) continue;
    masses[used] = p[at];
    others[used] = other === alone ? noneQ : q[firstOther + other];
    sources[used++] = at;
  }
  for (let at = firstOther; at < endOther; at++) {
    if (ofInput[at - firstOther] !== alone) continue;
    masses[used] = noneP;
    others[used] = q[at];
    sources[used++] = ~at;
  }
  return used;
}
