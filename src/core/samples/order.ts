import { float64s, uint32s } from '../../memory/small-arrays.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import { summarize } from './observations.ts';

/** Numbers in ascending order, of which not all need to be known: `at` is right for the ranks that were asked for. */
type Ordered = { readonly length: number; readonly at: (rank: number) => number | undefined };

/** Fewer numbers are sorted sooner. */
const selectedMin = 2 ** 14;

/** Parts of the range of the numbers, of which only those with a rank are sorted. */
const parts = 2 ** 14;

/**
 * Returns the numbers of all rows in ascending order at some ranks, counted from 0. Numbers are counted in parts of their range, and those
 * that share a part with a rank are sorted: where nearly all lie in one part, as with an outlier, all of these.
 */
export function orderedAt(rows: readonly Numbers[], ranks: (length: number) => readonly number[]): Ordered {
  const { count, lowest, highest } = summarize(rows);
  const scale = (parts - 1) / (highest - lowest);
  if (count < selectedMin || !(scale > 0 && Number.isFinite(scale))) return collected(rows, count, () => true).sort();
  // ascending, as x is
  const partOf = (x: number) => ((x - lowest) * scale) | 0;
  const counts = uint32s(parts);
  for (const values of rows) for (let i = 0; i < values.length; i++) counts[partOf(values[i])]++;
  const isWanted = new Uint8Array(parts);
  /** How many numbers lie below each part that is wanted, and how many of them are sorted. */
  const below: { readonly count: number; readonly sorted: number }[] = [];
  const wanted = ranks(count);
  let before = 0;
  let sorted = 0;
  for (let part = 0; part < parts; part++) {
    const after = before + counts[part];
    if (wanted.some((rank) => rank >= before && rank < after)) {
      isWanted[part] = 1;
      below[part] = { count: before, sorted };
      sorted += counts[part];
    }
    before = after;
  }
  const known = collected(rows, sorted, (x) => isWanted[partOf(x)] === 1).sort();
  return { length: count, at: (rank) => known[rank - missingBelow(rank)] };

  /** How many numbers below a rank are not sorted. */
  function missingBelow(rank: number): number {
    const part = below.findLastIndex((one) => one !== undefined && one.count <= rank);
    return below[part].count - below[part].sorted;
  }
}

function collected(rows: readonly Numbers[], count: number, isKept: (x: number) => boolean): Float64Array {
  const all = float64s(count);
  let used = 0;
  for (const values of rows) for (let i = 0; i < values.length; i++) if (isKept(values[i])) all[used++] = values[i];
  return all;
}
