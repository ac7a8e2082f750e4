import type { FaultList } from '../../errors/fault-list.ts';
import { quote } from '../../errors/wording.ts';
import { type KindName, kinds } from '../kinds.ts';
import { padding } from './codes.ts';
import type { Outcome } from './listed.ts';
import { nameAt } from './name-table.ts';
import { faultAt, type OutcomeList } from './outcome-list.ts';
import { createSeen, placeFor, type Seen } from './seen.ts';

/** One side of two lists that are matched. */
export type ListSide = {
  readonly list: Pick<OutcomeList, 'starts' | 'values' | 'placeOf'> & Partial<OutcomeList>;
  readonly codes: Int32Array;
  readonly isLog: boolean;
  /** Whether it lists every outcome there is, as a tensor does. */
  readonly isWhole: boolean;
  /** The number of an outcome without mass. */
  readonly none: number;
  readonly seen: Seen;
};

/** @param codes those of the list, in which entries without mass become padding where the kind is one of logarithms */
export function listSide(list: OutcomeList, kind: KindName, codes: Int32Array, size: number): ListSide {
  const isLog = kinds[kind].scale === 'log';
  const { values } = list;
  if (isLog) for (let at = 0; at < values.length; at++) if (values[at] === Number.NEGATIVE_INFINITY) codes[at] = padding;
  return { list, codes, isLog, isWhole: false, none: noneOf(kind), seen: createSeen(list.starts, size) };
}

/** The number that stands for no mass. */
export function noneOf(kind: KindName): number {
  return kinds[kind].scale === 'log' ? Number.NEGATIVE_INFINITY : 0;
}

/** Records where each outcome of row d stands. Rows are recorded in their order. Faults are outcomes that are listed twice. */
export function recordRow({ list, codes, seen }: ListSide, d: number, faults: FaultList): void {
  const start = list.starts[d];
  const end = list.starts[d + 1];
  for (let at = start; at < end; at++) {
    const code = codes[at];
    if (code === padding) continue;
    const place = placeFor(seen, codes, start, code);
    const first = seen.places[place];
    if (first > start) faults.add(() => duplicate(list, d, at - start, first - 1 - start));
    else seen.places[place] = at + 1;
  }
}

/** Where an outcome stands in row d that was recorded last; -1 if it does not. */
export function placeIn({ list, codes, seen }: ListSide, d: number, code: number): number {
  const start = list.starts[d];
  const at = seen.places[placeFor(seen, codes, start, code)];
  return at > start ? at - 1 : -1;
}

function duplicate(list: ListSide['list'], d: number, k: number, first: number) {
  const detail = `${inWords(outcomeOf(list, list.starts[d] + k))} is in the list already, as entry ${first}: list each outcome once, with the sum of its masses`;
  return faultAt(list.placeOf('outcomes', d, k), 'DUPLICATE_OUTCOME', detail);
}

/** The outcome of an entry, by its position among all entries. */
export function outcomeOf({ names, ids }: Partial<OutcomeList>, at: number): string | number {
  return names === undefined ? (ids as Float64Array)[at] : nameAt(names, at);
}

function inWords(outcome: Outcome): string {
  return typeof outcome === 'string' ? quote(outcome) : String(outcome);
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
