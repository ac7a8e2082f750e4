import { text } from '@observablehq/plot';
import type { Seen } from '../results/seen.ts';
import type { Layout } from '../tensors/layout.ts';
import { colors } from './colors.ts';
import { svgElement } from './draw.ts';
import type { Geometry, Margin } from './geometry.ts';
import { grouped, inShort } from './numbers.ts';

/** More sums than these have no room beside a grid. */
const most = { below: 12, beside: 48 };

/** Returns the sums of the distributions that stand at the edge of a grid, and the room that they need. */
export function totalsIn({ perDistribution }: Seen, layout: Layout) {
  const { length } = perDistribution.data;
  const isBelow = layout.isTall && length <= most.below;
  const isBeside = !layout.isTall && layout.block === layout.columns && length <= most.beside;
  const margin: Margin = { left: 62, top: 46, right: isBeside ? 84 : 14, bottom: isBelow ? 34 : 12 };
  const sums = isBelow || isBeside ? Array.from(perDistribution.data, (value, distribution) => ({ value, distribution })) : [];
  type Sum = (typeof sums)[number];
  const totals = ({ boxOf }: Geometry) => {
    const box = ({ distribution }: Sum) => boxOf(layout.rectangleOf(distribution));
    return text(sums, {
      x: (sum: Sum) => (isBelow ? box(sum).x + box(sum).width / 2 : box(sum).x + box(sum).width + 8),
      y: (sum: Sum) => (isBelow ? box(sum).y + box(sum).height + 16 : box(sum).y + box(sum).height / 2),
      text: ({ value }: Sum) => `Σ ${inShort(value)}`,
      textAnchor: isBelow ? 'middle' : 'start',
      fill: colors.ink,
      fontSize: 12,
      fontWeight: 600,
    });
  };
  return { margin, totals };
}

/** Returns the names of the axes with their lengths, at the edges of a grid. */
export function gridAxes(shape: readonly number[], { across }: Layout, { margin, height, width }: Geometry): SVGElement {
  const label = (words: string, attributes: Readonly<Record<string, string | number>>) =>
    svgElement('text', { class: 'axis', fill: colors.faint, ...attributes }, words);
  const middle = margin.top + (height - margin.top - margin.bottom) / 2;
  const down = label(`axis 0: ${grouped(shape[0])} ↓`, { transform: `translate(16 ${middle}) rotate(-90)`, 'text-anchor': 'middle' });
  if (across.length === 0) return svgElement('g', {}, down);
  const words = across.map((axis) => `axis ${axis}: ${grouped(shape[axis])}`).join(' × ');
  return svgElement(
    'g',
    {},
    down,
    label(`${words} →`, { x: margin.left + (width - margin.left - margin.right) / 2, y: 14, 'text-anchor': 'middle' }),
  );
}
