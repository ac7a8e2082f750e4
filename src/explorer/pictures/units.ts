import type { Layout, Rectangle } from '../tensors/layout.ts';

/** What a reduction divides by: the parts of the grid that it counts, and what they are called. */
type Units = {
  readonly noun: string;
  readonly count: (layout: Layout) => number;
  readonly at: (place: number, layout: Layout) => Rectangle;
};

const units: Readonly<Record<string, Units>> = {
  sum: { noun: 'whole', count: () => 1, at: (_, { rows, columns }) => ({ top: 0, left: 0, bottom: rows, right: columns }) },
  mean: {
    noun: 'element',
    count: ({ rows, columns }) => rows * columns,
    at: (place, { columns }) => {
      const [top, left] = [Math.floor(place / columns), place % columns];
      return { top, left, bottom: top + 1, right: left + 1 };
    },
  },
  batchmean: {
    noun: 'row',
    count: ({ rows }) => rows,
    at: (place, { columns }) => ({ top: place, left: 0, bottom: place + 1, right: columns }),
  },
  distribution_mean: {
    noun: 'distribution',
    count: ({ rows, columns, block, isTall }) => (columns / block) * (isTall ? 1 : rows),
    at: (place, layout) => layout.rectangleOf(place),
  },
};

/** Returns how many parts of the grid a reduction divides by, without weights. */
export function unitCount(reduction: string, layout: Layout): number {
  return units[reduction]?.count(layout) ?? 0;
}

/** Returns these parts, at most `most` of them from the first on. */
export function unitsOf(reduction: string, layout: Layout, most: number): Rectangle[] {
  const of = units[reduction];
  return of === undefined ? [] : Array.from({ length: Math.min(most, of.count(layout)) }, (_, place) => of.at(place, layout));
}

/** Whether weights leave parts of a reduction out: those of distributions that are not read. */
export function countsOnlyRead(reduction: string): boolean {
  return reduction === 'mean' || reduction === 'distribution_mean';
}
