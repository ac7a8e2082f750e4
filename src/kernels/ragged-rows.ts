import type { Kernel, KernelOperands, KernelOutput } from '../core/kernel.ts';
import { float64s, uint8s, uint32s } from '../memory/small-arrays.ts';
import type { Rows } from '../tensor/axes.ts';
import { blockSize } from './shared-blocks.ts';

/** Finds rows of different lengths, those of one length together: each lot lies as the rows of a tensor do. Empty rows are left out. */
export function findRagged(kernel: Kernel, operands: KernelOperands, { lengths }: Rows, found: KernelOutput, check: () => void): void {
  const width = operands.forms?.length ?? 1;
  for (const [length, rows] of rowsByLength(lengths)) {
    const lot = lotOf(operands, length, rows);
    const part = {
      totals: float64s(rows.length * width),
      trusted: uint8s(rows.length),
      terms: found.terms,
      agrees: found.agrees && uint8s(rows.length),
    };
    const atOnce = blockSize(lot);
    for (let first = 0; first < rows.length; first += atOnce) {
      check();
      kernel.find(lot, part, first, Math.min(first + atOnce, rows.length));
    }
    for (let row = 0; row < rows.length; row++) {
      const d = rows[row];
      for (let form = 0; form < width; form++) found.totals[d * width + form] = part.totals[row * width + form];
      found.trusted[d] = part.trusted[row];
      if (found.agrees !== undefined && part.agrees !== undefined) found.agrees[d] = part.agrees[row];
    }
  }
}

/** The rows of each length but 0, in their order. */
function rowsByLength(lengths: Uint32Array): Map<number, Uint32Array> {
  const counts = new Map<number, number>();
  for (const length of lengths) if (length > 0) counts.set(length, (counts.get(length) ?? 0) + 1);
  const lots = new Map(Array.from(counts, ([length, count]) => [length, { rows: uint32s(count), used: 0 }]));
  for (let d = 0; d < lengths.length; d++) {
    const lot = lots.get(lengths[d]);
    if (lot !== undefined) lot.rows[lot.used++] = d;
  }
  return new Map(Array.from(lots, ([length, lot]) => [length, lot.rows]));
}

function lotOf({ axes, weights, ...operands }: KernelOperands, length: number, rows: Uint32Array): KernelOperands {
  const starts = uint32s(rows.length);
  for (let row = 0; row < rows.length; row++) starts[row] = axes.distributionOffsets[rows[row]];
  return {
    ...operands,
    axes: { ...axes, distributionOffsets: starts, outcomeOffsets: axes.outcomeOffsets.subarray(0, length) },
    weights: weights && Float64Array.from(rows, (d) => weights[d]),
  };
}
