import type { Rows } from '../tensor/axes.ts';
import type { Exports } from './divergence-module.ts';
import { numbersAtOnce, readPiece, type Search, writeTerms } from './gather.ts';

/**
 * Finds as many rows of different lengths from `first` on as there is room for, and returns where it stopped. They are copied as they
 * stand, one behind the other. Empty rows are not trusted.
 */
export function findRagged(exported: Exports, search: Search, { lengths }: Rows, first: number, end: number): number {
  const { scratch, operands, found, pair, wantsTerms, width } = search;
  const { spans, skipped } = scratch;
  const { axes, weights, temperature, pseudocount } = operands;
  const { distributionOffsets: starts } = axes;
  const rowsEnd = Math.min(end, first + Math.floor(numbersAtOnce / width));
  let size = 0;
  let stop = first;
  for (let row = 0; stop < rowsEnd; row++, stop++) {
    const start = starts[stop] - starts[first];
    const length = lengths[stop];
    if (start + length > numbersAtOnce) break;
    spans[2 * row] = start;
    spans[2 * row + 1] = length;
    skipped[row] = length === 0 || weights?.[stop] === 0 ? 1 : 0;
    size = start + length;
  }
  const count = stop - first;
  readPiece(search, first, 0, size);
  // first, because rows are divided by the temperature where they stand
  if (found.agrees !== undefined) markAgreement(exported, search, first, count, found.agrees);
  exported.rows(pair, count, 0, temperature, pseudocount, wantsTerms ? 1 : 0);
  found.totals.set(scratch.totals.subarray(0, count * width), first * width);
  found.missing?.set(scratch.missing.subarray(0, count), first);
  for (let row = 0; row < count; row++) {
    const d = first + row;
    found.trusted[d] = lengths[d] === 0 && weights?.[d] !== 0 ? 0 : scratch.regular[row];
    if (wantsTerms && skipped[row] === 0) writeTerms(search, found.terms, d, 0, spans[2 * row], lengths[d]);
  }
  return stop;
}

function markAgreement(
  { agreesAt, target, input }: Exports,
  { scratch: { spans, skipped } }: Search,
  first: number,
  count: number,
  agrees: Uint8Array,
): void {
  for (let row = 0; row < count; row++) {
    const at = 8 * spans[2 * row];
    if (skipped[row] === 0) agrees[first + row] = agreesAt(target.value + at, input.value + at, spans[2 * row + 1]);
  }
}
