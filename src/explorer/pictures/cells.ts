import type { Layout } from '../tensors/layout.ts';
import type { Tensor } from '../tensors/tensor.ts';
import type { Geometry } from './geometry.ts';

/** A cell of the grid as it is drawn, by its first row and column in the tensor: of a large tensor it is the mean of many terms. */
export type Cell = { readonly row: number; readonly column: number; readonly value: number };

/** Returns the cells of a grid as it is drawn: the mean of the terms that were read, where several share one. */
export function cellsOf({ data }: Tensor, layout: Layout, { rows, columns, step }: Pick<Geometry, 'rows' | 'columns' | 'step'>): Cell[] {
  const sums = new Float64Array(rows * columns);
  const counts = new Uint32Array(sums.length);
  const offsets = Uint32Array.from({ length: layout.columns }, (_, column) => layout.positionAt(0, column));
  const cellsAcross = Uint32Array.from(offsets, (_, column) => Math.floor(column / step.column));
  for (let row = 0; row < layout.rows; row++) {
    const begin = layout.positionAt(row, 0);
    const line = Math.floor(row / step.row) * columns;
    for (let column = 0; column < layout.columns; column++) {
      const value = data[begin + offsets[column]];
      if (Number.isNaN(value)) continue;
      const at = line + cellsAcross[column];
      sums[at] += value;
      counts[at]++;
    }
  }
  return Array.from(sums, (sum, at) => ({
    row: Math.floor(at / columns) * step.row,
    column: (at % columns) * step.column,
    value: sum / counts[at],
  }));
}

/** Returns the largest finite distance from 0 among the cells. */
export function largestOf(cells: readonly Cell[]): number {
  return cells.reduce((largest, { value }) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest), 0);
}
