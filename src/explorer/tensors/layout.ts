import { sizeOf, stridesOf } from './tensor.ts';

/**
 * A tensor as a grid: axis 0 down, so that `batchmean` divides by its rows, and the other axes across, those of a distribution innermost,
 * so that each distribution is a rectangle.
 */
export type Layout = {
  readonly rows: number;
  readonly columns: number;
  /** How many columns one distribution is wide, and whether it is as high as the grid. */
  readonly block: number;
  readonly isTall: boolean;
  /** The axes in the order in which they lie across. */
  readonly across: readonly number[];
  readonly positionAt: (row: number, column: number) => number;
  readonly distributionAt: (row: number, column: number) => number;
  readonly cellOf: (position: number) => { readonly row: number; readonly column: number };
  /** Where a distribution lies: its first row and column, and those behind its last. */
  readonly rectangleOf: (distribution: number) => Rectangle;
};

export type Rectangle = { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number };

/** Returns how a tensor with at least one axis lies in a grid, with distributions along the axes `dim`. */
export function layoutOf(shape: readonly number[], dim: readonly number[]): Layout {
  const isTall = dim.includes(0);
  const others = shape.map((_, axis) => axis).slice(1);
  const outer = others.filter((axis) => !dim.includes(axis));
  const inner = others.filter((axis) => dim.includes(axis));
  const across = [...outer, ...inner];
  const lengths = across.map((axis) => shape[axis]);
  const strides = stridesOf(shape);
  const steps = stridesOf(lengths);
  const block = sizeOf(inner.map((axis) => shape[axis]));
  const groups = sizeOf(outer.map((axis) => shape[axis]));
  const [rows] = shape;
  const columnOffset = (column: number) =>
    across.reduce((sum, axis, place) => sum + (Math.floor(column / steps[place]) % lengths[place]) * strides[axis], 0);
  return {
    rows,
    columns: block * groups,
    block,
    isTall,
    across,
    positionAt: (row, column) => row * strides[0] + columnOffset(column),
    distributionAt: (row, column) => (isTall ? 0 : row * groups) + Math.floor(column / block),
    cellOf: (position) => ({
      row: Math.floor(position / strides[0]),
      column: across.reduce((sum, axis, place) => sum + (Math.floor(position / strides[axis]) % shape[axis]) * steps[place], 0),
    }),
    rectangleOf(distribution) {
      const left = (distribution % groups) * block;
      const top = isTall ? 0 : Math.floor(distribution / groups);
      return { top, left, bottom: isTall ? rows : top + 1, right: left + block };
    },
  };
}

/** Returns the positions of the elements of a distribution, in the order of its outcomes: row-major along its axes. */
export function positionsOf(
  distribution: number,
  { shape, dim }: { readonly shape: readonly number[]; readonly dim: readonly number[] },
): number[] {
  const strides = stridesOf(shape);
  const inner = dim.map((axis) => shape[axis]);
  const outer = shape.map((_, axis) => axis).filter((axis) => !dim.includes(axis));
  const offset = (place: number, axes: readonly number[]) => {
    const lengths = axes.map((axis) => shape[axis]);
    const steps = stridesOf(lengths);
    return axes.reduce((sum, axis, at) => sum + (Math.floor(place / steps[at]) % lengths[at]) * strides[axis], 0);
  };
  const begin = offset(distribution, outer);
  return Array.from({ length: sizeOf(inner) }, (_, outcome) => begin + offset(outcome, dim));
}

/** Returns where the elements of a distribution begin and how its cells are folded where the grid has more than fit. */
export function folded(length: number, most: number): { readonly step: number; readonly count: number } {
  const step = Math.max(1, Math.ceil(length / most));
  return { step, count: Math.ceil(length / step) };
}
