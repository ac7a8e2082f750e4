import { axisX, axisY, dot, line, ruleX, text } from '@observablehq/plot';
import type { Statistics } from '../service/answers.ts';
import { colors } from './colors.ts';
import { draw } from './draw.ts';
import { atTick, inShort } from './numbers.ts';

type Point = { readonly x: number; readonly y: number };

/** Returns the quantiles of all divergences as a curve from the least to the largest, with their mean: what is infinite is left out. */
export function drawQuantiles(statistics: Statistics, noun: string, logarithmic: boolean, width: number): SVGSVGElement {
  const mean = Number(statistics.mean);
  const isShown = (x: number) => Number.isFinite(x) && (!logarithmic || x > 0);
  const points = pointsOf(statistics).filter(({ x }) => isShown(x));
  const means = [mean].filter(isShown);
  return draw(`Quantiles of the ${noun} divergences of all distributions`, {
    width,
    height: 270,
    marginTop: 44,
    marginLeft: 52,
    marginRight: 70,
    marginBottom: 38,
    x: { type: logarithmic ? 'log' : 'linear', label: null, nice: !logarithmic },
    y: { domain: [0, 1], label: null },
    marks: [
      axisX({
        label: `${noun} of one distribution`,
        labelAnchor: 'center',
        labelArrow: 'none',
        tickSize: 4,
        ticks: width < 500 || logarithmic ? 3 : 5,
        tickFormat: atTick,
        color: colors.faint,
        labelOffset: 34,
      }),
      axisY({
        label: 'share of distributions below',
        labelArrow: 'none',
        ticks: 4,
        tickSize: 0,
        tickFormat: (share: number) => `${Math.round(100 * share)} %`,
        color: colors.faint,
        labelOffset: 48,
        labelAnchor: 'top',
      }),
      line(points, { x: 'x', y: 'y', stroke: colors.target, strokeWidth: 2 }),
      dot(points, { x: 'x', y: 'y', r: 4, fill: colors.target }),
      ruleX(means, { stroke: colors.ink, strokeDasharray: '3 3', strokeOpacity: 0.7 }),
      text(means, {
        x: (value: number) => value,
        text: (value: number) => `mean ${inShort(value)}`,
        frameAnchor: 'top',
        dy: -14,
        dx: 4,
        textAnchor: 'start',
        fill: colors.ink,
        fontSize: 11.5,
      }),
    ],
  }).svg;
}

/** The least and the largest are quantiles too. */
function pointsOf({ minimum, quantiles, maximum }: Statistics): Point[] {
  const all = [{ quantile: 0, value: minimum }, ...quantiles, { quantile: 1, value: maximum }];
  const byShare = new Map(all.map(({ quantile, value }) => [quantile, Number(value)]));
  return [...byShare].map(([y, x]) => ({ x, y })).sort((a, b) => a.y - b.y);
}
