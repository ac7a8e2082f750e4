import { float64s, uint32s } from '../../memory/small-arrays.ts';
import { int32s } from './codes.ts';
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
    starts: uint32s(distributions),
    lengths: uint32s(distributions),
    input: float64s(room),
    target: float64s(room),
    sources: int32s(room),
  };
}

/** The rows without the room that was not needed. */
export function trimmed(rows: MatchedRows, used: number): MatchedRows {
  return { ...rows, input: rows.input.subarray(0, used), target: rows.target.subarray(0, used) };
}

/**
 * Returns two lists over the union of their outcomes, those of target first: what one side does not list has no mass there. Rows without
 * partners are empty.
 */
export function unionOf(target: ListSide, input: ListSide, { ofTarget, ofInput, outcomes }: Partners): MatchedRows {
  const distributions = target.list.starts.length - 1;
  const rows = emptyRows(distributions, outcomes);
  // a property that is read for each entry costs as much as the entry
  const [{ starts: ofP, values: p }, { starts: ofQ, values: q }] = [target.list, input.list];
  const { target: masses, input: others, sources, starts, lengths } = rows;
  const [noneP, noneQ] = [target.none, input.none];
  let used = 0;
  for (let d = 0; d < distributions; d++) {
    const start = used;
    for (let at = ofP[d]; at < ofP[d + 1]; at++) {
      const other = ofTarget[at];
      if (other < alone) continue;
      masses[used] = p[at];
      others[used] = other === alone ? noneQ : q[other];
      sources[used++] = at;
    }
    for (let at = ofQ[d]; at < ofQ[d + 1]; at++) {
      if (ofInput[at] !== alone) continue;
      masses[used] = noneP;
      others[used] = q[at];
      sources[used++] = ~at;
    }
    starts[d] = start;
    lengths[d] = used - start;
    if (used === start) used++;
  }
  return trimmed(rows, used);
}
