import { folded, type Layout, type Rectangle } from '../tensors/layout.ts';

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type Place = { readonly row: number; readonly column: number };

/** Where the cells of a grid stand, in pixels. A drawn cell has `step` rows and columns of the tensor. */
export type Geometry = {
  readonly width: number;
  readonly height: number;
  readonly margin: Margin;
  readonly rows: number;
  readonly columns: number;
  readonly step: Place;
  readonly cell: { readonly width: number; readonly height: number };
  /** Returns where a part of the tensor is drawn, in rows and columns of the tensor. */
  readonly boxOf: (part: Rectangle) => Box;
  /** Returns the row and column of the tensor at a point, undefined beside the grid. */
  readonly placeAt: (x: number, y: number) => Place | undefined;
};

export type Margin = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };

/** Most rows and columns that are drawn: more would be thinner than a finger of a hair. */
const most = { rows: 48, columns: 96 };

/** Returns how a grid is drawn in a width: distributions apart from one another, as long as there is room. */
export function geometryOf(layout: Layout, width: number, margin: Margin): Geometry {
  const rows = folded(layout.rows, most.rows);
  const columns = folded(layout.columns, Math.min(most.columns, Math.floor(width / 6)));
  const step = { row: rows.step, column: columns.step };
  const { block } = layout;
  const gap = columns.step > 1 || block === layout.columns ? 0 : block === 1 ? 0.16 : 0.4;
  const left = (column: number) => column / columns.step + gap * Math.floor(column / block);
  const across = left(layout.columns - 1) + 1 / columns.step;
  const cell = {
    width: Math.min(116, (width - margin.left - margin.right) / across),
    height: Math.max(5, Math.min(44, 420 / rows.count)),
  };
  const x = (column: number) => margin.left + cell.width * left(column);
  const y = (row: number) => margin.top + (cell.height * row) / rows.step;
  return {
    width: margin.left + margin.right + cell.width * across,
    height: margin.top + margin.bottom + cell.height * rows.count,
    margin,
    rows: rows.count,
    columns: columns.count,
    step,
    cell,
    boxOf: ({ top, left: first, bottom, right }) => ({
      x: x(first),
      y: y(top),
      width: Math.max(1, x(right - 1) + cell.width / columns.step - x(first)),
      height: Math.max(1, y(bottom) - y(top)),
    }),
    placeAt(atX, atY) {
      const [u, v] = [(atX - margin.left) / cell.width, (atY - margin.top) / cell.height];
      if (u < 0 || v < 0 || u >= across || v >= rows.count) return undefined;
      const group = gap === 0 ? 0 : Math.floor(u / (block + gap));
      const column = gap === 0 ? Math.floor(u) * columns.step : group * block + Math.min(block - 1, Math.floor(u - group * (block + gap)));
      return { row: Math.min(layout.rows - 1, Math.floor(v) * rows.step), column: Math.min(layout.columns - 1, column) };
    },
  };
}
