import { rect, text } from '@observablehq/plot';
import type { Seen } from '../results/seen.ts';
import { type Layout, layoutOf, type Rectangle } from '../tensors/layout.ts';
import { type Cell, cellsOf, largestOf } from './cells.ts';
import { colors, termColor, textColor } from './colors.ts';
import { draw, svgElement } from './draw.ts';
import { type Box, type Geometry, geometryOf, type Place } from './geometry.ts';
import { gridAxes, totalsIn } from './grid-axes.ts';
import { counted, inCell } from './numbers.ts';
import { countsOnlyRead, unitCount, unitsOf } from './units.ts';

/** The terms as a grid, and what it can be told to show. */
export type Grid = {
  readonly svg: SVGSVGElement;
  readonly layout: Layout;
  /** What is drawn, in words. */
  readonly caption: string;
  readonly showUnits: (reduction: string) => void;
  readonly showDistribution: (distribution: number) => void;
  readonly showPlace: (place: Place) => void;
  /** Returns the place in the tensor that is under a pointer. */
  readonly placeOf: (event: MouseEvent) => Place | undefined;
};

/** More parts than these are a pattern, not something to count. */
const mostUnits = 240;

/** Returns the grid of an answer's terms in a width in pixels. Marked are the positions that warnings name. */
export function drawGrid(seen: Seen & { readonly terms: NonNullable<Seen['terms']> }, width: number, marked: readonly number[]): Grid {
  const { terms, answer } = seen;
  const layout = layoutOf(terms.shape, answer.dim);
  const { margin, totals } = totalsIn(seen, layout);
  const geometry = geometryOf(layout, width, margin);
  const cells = cellsOf(terms, layout, geometry);
  const name = `${seen.noun} terms of shape ${terms.shape.join(' × ')}, distributions along dim ${answer.dim.join(', ')}`;
  const { svg } = draw(name, {
    width: geometry.width,
    height: geometry.height,
    margin: 0,
    x: { type: 'identity', axis: null },
    y: { type: 'identity', axis: null },
    color: { type: 'identity' },
    marks: [...termMarks(cells, geometry), totals(geometry)],
  });
  const boxOf = ({ row, column }: Place) =>
    svgElement('rect', geometry.boxOf({ top: row, left: column, bottom: row + 1, right: column + 1 }));
  const isFine = Math.min(geometry.cell.width * layout.block, geometry.cell.height) < 15;
  const [units, chosen, here] = [isFine ? 'units fine' : 'units', 'chosen', 'here'].map((of) => svgElement('g', { class: of }));
  const marks = svgElement('g', { class: 'marked' }, ...marked.map((position) => boxOf(layout.cellOf(position))));
  svg.append(gridAxes(terms.shape, layout, geometry), distributionOutlines(layout, geometry), units, chosen, marks, here);
  return {
    svg,
    layout,
    caption: captionOf(seen, layout, geometry),
    showUnits: (reduction) => units.replaceChildren(...unitMarks(reduction, seen, layout, geometry)),
    showDistribution: (distribution) => chosen.replaceChildren(svgElement('rect', geometry.boxOf(layout.rectangleOf(distribution)))),
    showPlace: (place) => here.replaceChildren(boxOf(place)),
    placeOf({ clientX, clientY }) {
      const { left, top, width: shownWidth } = svg.getBoundingClientRect();
      const scale = geometry.width / shownWidth;
      return geometry.placeAt((clientX - left) * scale, (clientY - top) * scale);
    },
  };
}

function termMarks(cells: readonly Cell[], { cell, boxOf, step }: Geometry) {
  const largest = largestOf(cells);
  const drawn = cells.map(({ row, column, value }) => ({
    value,
    box: boxOf({ top: row, left: column, bottom: row + step.row, right: column + step.column }),
  }));
  type Drawn = (typeof drawn)[number];
  const inset = Math.min(cell.width, cell.height) > 8 ? 0.75 : 0;
  const cellMarks = rect(drawn, {
    x1: ({ box }: Drawn) => box.x,
    x2: ({ box }: Drawn) => box.x + cell.width,
    y1: ({ box }: Drawn) => box.y,
    y2: ({ box }: Drawn) => box.y + cell.height,
    inset,
    fill: ({ value }: Drawn) => termColor(value, largest),
  });
  if (cell.width < 38 || cell.height < 18) return [cellMarks];
  const numbers = text(drawn, {
    x: ({ box }: Drawn) => box.x + cell.width / 2,
    y: ({ box }: Drawn) => box.y + cell.height / 2,
    text: ({ value }: Drawn) => inCell(value),
    fill: ({ value }: Drawn) => textColor(value, largest),
    fontSize: 12,
  });
  return [cellMarks, numbers];
}

/** Distributions are outlined as long as one can tell them apart. */
function distributionOutlines(layout: Layout, geometry: Geometry): SVGElement {
  const count = unitCount('distribution_mean', layout);
  const isFolded = layout.isTall ? geometry.step.column > 1 : geometry.step.row > 1;
  const shown = isFolded || count > 2_000 ? [] : unitsOf('distribution_mean', layout, count);
  // into the gap between two of them, and no further
  const outset = Math.min(3, geometry.cell.width / 14);
  return svgElement('g', { class: 'distributions' }, ...shown.map((part) => frame(geometry.boxOf(part), -outset)));
}

/** The parts that a reduction counts, numbered at their edge where a number fits. */
function unitMarks(reduction: string, { perDistribution }: Seen, layout: Layout, geometry: Geometry): SVGElement[] {
  const all = unitsOf(reduction, layout, mostUnits);
  const { margin, step } = geometry;
  if (all.length < unitCount(reduction, layout) || (step.row > 1 && reduction !== 'sum')) {
    return [frame(geometry.boxOf({ top: 0, left: 0, bottom: layout.rows, right: layout.columns }), 0)];
  }
  const isRead = ({ top, left }: Rectangle) =>
    !countsOnlyRead(reduction) || !Number.isNaN(perDistribution.data[layout.distributionAt(top, left)]);
  return all.filter(isRead).flatMap((part, place) => {
    const box = geometry.boxOf(part);
    const number = numberAt(reduction, part, box, layout, margin);
    return [frame(box, reduction === 'mean' ? 2.5 : 1), ...(number === undefined ? [] : chip(String(place + 1), number))];
  });
}

function frame({ x, y, width, height }: Box, inset: number): SVGElement {
  return svgElement('rect', {
    x: x + inset,
    y: y + inset,
    width: Math.max(1, width - 2 * inset),
    height: Math.max(1, height - 2 * inset),
    rx: 3,
  });
}

/** Rows are numbered on the left, distributions on top of their columns or on the left, elements in their corner. */
function numberAt(
  reduction: string,
  { top, left }: Rectangle,
  box: Box,
  { isTall }: Layout,
  margin: { readonly left: number; readonly top: number },
) {
  if (reduction === 'sum') return undefined;
  const isHigh = box.height >= 15;
  if (reduction === 'mean') return box.width >= 44 && isHigh ? { x: box.x + 11, y: box.y + 10 } : undefined;
  if (reduction === 'batchmean') return isHigh && left === 0 ? { x: margin.left - 14, y: box.y + box.height / 2 } : undefined;
  if (isTall) return box.width >= 16 && top === 0 ? { x: box.x + box.width / 2, y: margin.top - 13 } : undefined;
  if (left === 0 && isHigh) return { x: margin.left - 16, y: box.y + box.height / 2 };
  return box.width >= 22 && isHigh ? { x: box.x + 4, y: box.y + 2 } : undefined;
}

function chip(number: string, { x, y }: { readonly x: number; readonly y: number }): SVGElement[] {
  const half = 5 + 3.5 * number.length;
  return [
    svgElement('rect', { class: 'chip', x: x - half, y: y - 8.5, width: 2 * half, height: 17, rx: 8.5 }),
    svgElement('text', { class: 'chip-text', x, y: y + 4, 'text-anchor': 'middle', fill: colors.paper }, number),
  ];
}

function captionOf({ noun, answer }: Seen, layout: Layout, { step }: Geometry): string {
  const folded = step.row * step.column;
  const cell =
    folded === 1
      ? `Each cell is one term${noun === 'KL' ? ': P·(log P − log Q)' : ` of ${noun}`}.`
      : `There is no room for every term: each cell is the mean of ${step.row} × ${step.column} of them.`;
  const axes = `Axis 0 goes down${layout.across.length === 0 ? '' : `, ${layout.across.map((axis) => `axis ${axis}`).join(' and ')} across`}.`;
  const count = counted(answer.distributions, 'distribution');
  const along = answer.dim.length === 0 ? '' : ` along dim ${answer.dim.join(', ')}`;
  return `${cell} ${axes} Outlined: the ${count}${along}, of ${counted(answer.support_size, 'outcome')} each.`;
}
