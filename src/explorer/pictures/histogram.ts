import { axisX, axisY, binX, dot, type RectYOptions, rectY, ruleX, ruleY, text } from '@observablehq/plot';
import type { Statistics } from '../service/answers.ts';
import { colors } from './colors.ts';
import { draw } from './draw.ts';
import { atTick, inShort } from './numbers.ts';

const shownQuantiles = [0.05, 0.5, 0.95];

/** Returns the divergences of all distributions as a histogram, with their mean and three quantiles. Infinite ones are left out. */
export function drawHistogram(values: readonly number[], { mean, quantiles }: Statistics, noun: string, width: number): SVGSVGElement {
  const finite = values.filter(Number.isFinite);
  const lines = [
    ...quantiles
      .filter(({ quantile }) => shownQuantiles.includes(quantile))
      .map(({ quantile, value }) => ({ x: Number(value), words: quantile === 0.5 ? 'median' : `${100 * quantile} %` })),
    { x: Number(mean), words: 'mean' },
  ]
    .filter(({ x }) => Number.isFinite(x))
    .sort((a, b) => a.x - b.x);
  // each label on a line of its own: neighbours may stand at the same place
  const labelled = lines.map((line, place) => ({ ...line, dy: -8 - 15 * (lines.length - 1 - place) }));
  type Line = (typeof labelled)[number];
  const isSmall = finite.length <= 60;
  return draw(`How the ${noun} divergences of ${values.length} distributions are distributed`, {
    width,
    height: 250,
    marginTop: 22 + 15 * lines.length,
    marginLeft: 48,
    marginRight: 70,
    marginBottom: 38,
    x: { label: null, nice: true },
    y: { label: null },
    marks: [
      axisX({
        label: `${noun} of one distribution`,
        labelAnchor: 'center',
        labelArrow: 'none',
        tickSize: 4,
        ticks: width < 500 ? 4 : 5,
        tickFormat: atTick,
        color: colors.faint,
        labelOffset: 34,
      }),
      axisY({
        label: 'distributions',
        labelArrow: 'none',
        ticks: 4,
        tickSize: 0,
        tickFormat: (count: number) => (Number.isInteger(count) ? String(count) : ''),
        color: colors.faint,
        labelOffset: 44,
      }),
      rectY(
        finite,
        binX<RectYOptions>(
          { y: 'count' },
          {
            x: (value: number) => value,
            thresholds: Math.min(40, Math.max(6, Math.ceil(Math.sqrt(finite.length)))),
            fill: colors.target,
            fillOpacity: 0.55,
            inset: 0.5,
          },
        ),
      ),
      isSmall
        ? dot(finite, { x: (value: number) => value, y: 0, r: 3, fill: colors.ink, stroke: colors.paper, fillOpacity: 0.8 })
        : undefined,
      ruleY([0], { stroke: colors.line }),
      ruleX(labelled, { x: 'x', stroke: colors.ink, strokeDasharray: '3 3', strokeOpacity: 0.7 }),
      ...labelled.map((line: Line) =>
        text([line], {
          x: 'x',
          text: ({ words, x }: Line) => `${words} ${inShort(x)}`,
          frameAnchor: 'top',
          dy: line.dy,
          dx: 4,
          textAnchor: 'start',
          fill: colors.ink,
          fontSize: 11.5,
        }),
      ),
    ],
  }).svg;
}
