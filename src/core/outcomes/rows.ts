import { unsetInt32s } from '../../memory/small-arrays.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import { type KindName, kinds, zeroMassOf } from '../kinds.ts';
import { padding } from './codes.ts';
import { nameAt } from './name-table.ts';
import type { OutcomeList } from './outcome-list.ts';

/** One side of two lists that are matched. */
export type ListSide = {
  readonly list: Pick<OutcomeList, 'starts' | 'values' | 'placeOf'> & Partial<OutcomeList>;
  readonly codes: Int32Array;
  readonly isLog: boolean;
  /** Whether it lists every outcome there is, as a tensor does. */
  readonly isWhole: boolean;
  /** The number of an outcome without mass. */
  readonly none: number;
};

/** Entries without mass are padding where the kind is one of logarithms. */
export function listSide(list: OutcomeList, kind: KindName, codes: Int32Array): ListSide {
  const isLog = kinds[kind].scale === 'log';
  return { list, codes: isLog ? withPadding(codes, list.values) : codes, isLog, isWhole: false, none: zeroMassOf(kinds[kind]) };
}

/** The codes with `padding` where a value is no mass: other codes, since names are found by those of the list. */
function withPadding(codes: Int32Array, values: Numbers): Int32Array {
  const first = values.indexOf(Number.NEGATIVE_INFINITY);
  if (first === -1) return codes;
  const marked = unsetInt32s(codes.length);
  marked.set(codes);
  for (let at = first; at < values.length; at++) if (values[at] === Number.NEGATIVE_INFINITY) marked[at] = padding;
  return marked;
}

/** The outcome of an entry, by its position among all entries. */
export function outcomeOf({ names, ids }: Partial<OutcomeList>, at: number): string | number {
  return names === undefined ? (ids as Float64Array)[at] : nameAt(names, at);
}

/** Bytes that the outcomes of lists take in JSON, at the most: six for each unit of a name that is escaped, quotes and a comma. */
export function textBytesOf(lists: readonly OutcomeList[]): number {
  let bytes = 0;
  for (const { names, values } of lists) {
    if (names === undefined) bytes += 18 * values.length;
    else for (let at = 0; at < values.length; at++) bytes += 6 * nameAt(names, at).length + 3;
  }
  return bytes;
}
