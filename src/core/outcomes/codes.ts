import { randomInt } from 'node:crypto';
import { float64s, int32s, uint32s, unsetInt32s } from '../../memory/small-arrays.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import { isCoded, type Names, nameAt } from './name-table.ts';
import { type OutcomeList, paddingId } from './outcome-list.ts';

/**
 * The outcomes of a list as small numbers, equal for equal outcomes of all lists, and how many numbers there are; `padding` for padding.
 */
type Codes = { readonly codes: readonly Int32Array[]; readonly size: number };

export const padding = -1;

/** Ids up to so many times their number are codes as they are. */
const sparsest = 4;

/** Returns the codes of lists that all hold names, or all ids. */
export function codesOf(lists: readonly OutcomeList[]): Codes {
  const ids = lists.flatMap((list) => (list.ids === undefined ? [] : [list.ids]));
  return ids.length < lists.length ? codesOfNames(lists.map(({ names = [] }) => names)) : codesOfIds(ids);
}

function codesOfNames(lists: readonly Names[]): Codes {
  const coded = lists.filter(isCoded);
  const [first] = coded;
  const isShared = coded.length === lists.length && coded.every(({ table }) => table === first.table);
  if (isShared) return { codes: coded.map(({ codes }) => codes), size: first.table.size() };
  const known = new Map<string, number>();
  const codes = lists.map((names) => {
    const coded = int32s(isCoded(names) ? names.codes.length : names.length);
    for (let at = 0; at < coded.length; at++) {
      const name = nameAt(names, at);
      let code = known.get(name);
      if (code === undefined) {
        code = known.size;
        known.set(name, code);
      }
      coded[at] = code;
    }
    return coded;
  });
  return { codes, size: known.size };
}

function codesOfIds(lists: readonly Numbers[]): Codes {
  const count = lists.reduce((sum, ids) => sum + ids.length, 0);
  const codes = lists.map((ids) => unsetInt32s(ids.length));
  let largest = 0;
  for (const [side, ids] of lists.entries()) largest = Math.max(largest, copyIds(ids, codes[side]));
  return largest > sparsest * count + 2 ** 10 ? codesOfSparseIds(lists, count) : { codes, size: largest + 1 };
}

/** Ids that are indices along an axis as codes, which they are as they stand; those of rows that are not read may be any. */
export function indicesOf(ids: Numbers): Int32Array {
  const codes = unsetInt32s(ids.length);
  for (let at = 0; at < ids.length; at++) codes[at] = ids[at];
  return codes;
}

/** Copies ids and returns the largest; Infinity where one is no integer of 32 bits. */
function copyIds(ids: Numbers, codes: Int32Array): number {
  let largest = 0;
  for (let at = 0; at < ids.length; at++) {
    const code = ids[at] | 0;
    if (code !== ids[at]) return Number.POSITIVE_INFINITY;
    codes[at] = code;
    if (code > largest) largest = code;
  }
  return largest;
}

// odd and random: a client cannot choose ids that all fall into one place
const lowFactor = 2 * randomInt(2 ** 30, 2 ** 31) + 1;
const highFactor = 2 * randomInt(2 ** 30, 2 ** 31) + 1;

/** Open addressing with linear probing: places are tried one after the other. */
function codesOfSparseIds(lists: readonly Numbers[], count: number): Codes {
  const bits = Math.max(4, Math.ceil(Math.log2(2 * count)));
  const keys = float64s(2 ** bits);
  const coded = uint32s(2 ** bits);
  const mask = 2 ** bits - 1;
  let size = 0;
  const codeOf = (id: number): number => {
    const hash = Math.imul(id | 0, lowFactor) ^ Math.imul((id / 2 ** 32) | 0, highFactor);
    let place = hash >>> (32 - bits);
    while (coded[place] !== 0 && keys[place] !== id) place = (place + 1) & mask;
    if (coded[place] === 0) {
      keys[place] = id;
      coded[place] = ++size;
    }
    return coded[place] - 1;
  };
  const codes = lists.map((ids) => {
    const all = int32s(ids.length);
    for (let at = 0; at < ids.length; at++) all[at] = ids[at] === paddingId ? padding : codeOf(ids[at]);
    return all;
  });
  return { codes, size };
}
