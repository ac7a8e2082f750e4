import { axisX, rect, rectY, ruleX, ruleY, text, tickX } from '@observablehq/plot';
import { colors } from './colors.ts';
import { draw } from './draw.ts';
import { atTick, inShort } from './numbers.ts';

/** A bin: its name, its edges where it is of numbers, and the share of the observations of each side that lie in it. */
export type Bin = { readonly name: string; readonly from: number; readonly to: number; readonly p: number; readonly q: number };

/** Returns both histograms over one another: target filled, input as a line. */
export function drawSamples(bins: readonly Bin[], width: number): SVGSVGElement {
  const isNumeric = bins.every(({ from, to }) => Number.isFinite(from) && Number.isFinite(to));
  const x1 = (bin: Bin) => (isNumeric ? bin.from : bins.indexOf(bin));
  const x2 = (bin: Bin) => (isNumeric ? bin.to : bins.indexOf(bin) + 1);
  return draw('The share of the observations in each bin, of target and of input', {
    width,
    height: 240,
    marginLeft: 48,
    marginBottom: 34,
    x: { label: null },
    y: { label: 'share of the observations', grid: true, labelArrow: 'none', tickFormat: '%' },
    marks: [
      axisX({
        label: null,
        tickSize: 4,
        color: colors.faint,
        ...(isNumeric
          ? {}
          : { ticks: bins.map((_, place) => place + 0.5), tickFormat: (place: number) => bins[Math.floor(place)]?.name ?? '' }),
      }),
      rectY(bins, { x1, x2, y: 'p', fill: colors.target, fillOpacity: 0.4, inset: 0.5 }),
      rectY(bins, {
        x1,
        x2,
        y: 'q',
        fill: colors.input,
        fillOpacity: 0.2,
        stroke: colors.input,
        strokeWidth: 2,
        insetLeft: 2,
        insetRight: 2,
      }),
      ruleY([0], { stroke: colors.line }),
    ],
  }).svg;
}

type Chance = { readonly value: number; readonly expected: number; readonly bound: number };

/** Returns a divergence beside what chance alone makes of it: the mean, and the 95 % point. */
export function drawChance({ value, expected, bound }: Chance, width: number): SVGSVGElement {
  const end = 1.15 * Math.max(...[value, bound, expected].filter(Number.isFinite), 1e-12);
  const at = Math.min(value, end);
  return draw('The divergence beside what chance alone would make of it', {
    width,
    height: 104,
    marginLeft: 14,
    marginRight: 14,
    marginTop: 34,
    marginBottom: 40,
    x: { domain: [0, end] },
    y: { axis: null, domain: [0, 1] },
    marks: [
      axisX({ label: null, ticks: 6, tickSize: 4, tickFormat: atTick, color: colors.faint }),
      rect([{}], { x1: 0, x2: bound, y1: 0, y2: 1, fill: colors.ink, fillOpacity: 0.13 }),
      text([bound / 2], {
        x: (middle: number) => middle,
        y: 0.5,
        text: () => (bound / end > 0.25 ? 'chance alone, 95 %' : ''),
        fill: colors.ink,
        fontSize: 11.5,
      }),
      tickX([expected], { x: (mean: number) => mean, stroke: colors.ink, strokeDasharray: '3 2' }),
      ruleX([at], { stroke: colors.target, strokeWidth: 3 }),
      text([at], {
        x: (place: number) => place,
        text: () => `here ${inShort(value)}`,
        frameAnchor: 'top',
        dy: -16,
        fill: colors.target,
        fontWeight: 600,
        fontSize: 13,
        textAnchor: at / end > 0.8 ? 'end' : at / end < 0.2 ? 'start' : 'middle',
      }),
    ],
  }).svg;
}
