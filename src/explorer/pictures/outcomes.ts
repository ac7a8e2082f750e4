import { barX, ruleX, text, tickX } from '@observablehq/plot';
import { colors } from './colors.ts';
import { draw } from './draw.ts';
import { inShort } from './numbers.ts';

/** An outcome of one distribution: what both sides give it, and its term. */
export type OutcomeRow = { readonly name: string; readonly p: number; readonly q: number; readonly term: number };

export type OutcomeView = { readonly sorted: boolean; readonly logarithmic: boolean; readonly width: number };

/** More bars than these are not compared one by one. */
export const mostOutcomes = 40;

/** Returns the outcomes that are shown: those with the largest terms if they are sorted or there are too many. */
export function shownOutcomes(rows: readonly OutcomeRow[], sorted: boolean): OutcomeRow[] {
  const size = ({ term }: OutcomeRow) => (Number.isNaN(term) ? -1 : Math.abs(term));
  const bySize = rows.toSorted((a, b) => size(b) - size(a));
  if (sorted) return bySize.slice(0, mostOutcomes);
  const kept = new Set(bySize.slice(0, mostOutcomes));
  return rows.filter((row) => kept.has(row));
}

/** Returns P and Q of one distribution as bars, outcome by outcome, and the terms beside them. */
export function drawOutcomes(all: readonly OutcomeRow[], { sorted, logarithmic, width }: OutcomeView): SVGSVGElement {
  const rows = shownOutcomes(all, sorted);
  const band = rows.length > 20 ? 22 : 28;
  const marginLeft = Math.min(150, 26 + 7 * Math.max(...rows.map(({ name }) => name.length)));
  // the terms have a scale of their own, in the right part of the same picture
  const split = 0.6;
  const highest = Math.max(...rows.flatMap(({ p, q }) => [p, q]).filter(Number.isFinite), 0);
  const positive = rows.flatMap(({ p, q }) => [p, q]).filter((value) => value > 0);
  const lowest = positive.length === 0 ? 0.1 : Math.min(...positive) / 2;
  const share = (value: number) => {
    if (!(value > 0) || highest === 0) return 0;
    return split * 0.8 * (logarithmic ? Math.max(0, Math.log(value / lowest) / Math.log(highest / lowest)) : value / highest);
  };
  const largest = Math.max(...rows.map(({ term }) => Math.abs(term)).filter(Number.isFinite), 0);
  const middle = split + (1 - split) * 0.42;
  const reach = (1 - split) * 0.38;
  const termEnd = (term: number) => middle + (Number.isFinite(term) ? (largest === 0 ? 0 : (term / largest) * reach) : Math.sign(term) * reach || 0);
  const bar = (value: (row: OutcomeRow) => number, fill: string, place: 0 | 1) =>
    barX(rows, { x1: 0, x2: (row: OutcomeRow) => share(value(row)), y: 'name', fill, insetTop: place === 0 ? 3.5 : band / 2 + 0.5, insetBottom: place === 0 ? band / 2 + 0.5 : 3.5, rx: 1 });
  const value = (of: (row: OutcomeRow) => number, fill: string, dy: number) =>
    text(rows, { x: (row: OutcomeRow) => share(of(row)), y: 'name', text: (row: OutcomeRow) => inShort(of(row)), dx: 4, dy, textAnchor: 'start', fill, fontSize: 11 });
  const termText = text(rows, {
    x: ({ term }: OutcomeRow) => (term < 0 ? middle : termEnd(term)),
    y: 'name',
    text: ({ term }: OutcomeRow) => inShort(term),
    dx: 5,
    textAnchor: 'start',
    fill: colors.ink,
    fontSize: 12,
  });
  const quarter = band / 4;
  return draw('P and Q of one distribution by outcome, and the term of each', {
    width,
    height: 34 + rows.length * band + 6,
    marginLeft,
    marginRight: 8,
    marginTop: 34,
    marginBottom: 6,
    x: { domain: [0, 1], axis: null },
    y: { domain: rows.map(({ name }) => name), padding: 0, label: null, tickSize: 0 },
    marks: [
      bar(({ p }) => p, colors.target, 0),
      bar(({ q }) => q, colors.input, 1),
      value(({ p }) => p, colors.target, -quarter),
      value(({ q }) => q, colors.input, quarter),
      ruleX([0, middle], { stroke: colors.line }),
      barX(rows, { x1: middle, x2: ({ term }: OutcomeRow) => termEnd(term), y: 'name', fill: ({ term }: OutcomeRow) => (term < 0 ? colors.input : colors.target), insetTop: 6, insetBottom: 6, fillOpacity: 0.75 }),
      tickX(rows.filter(({ term }) => term === 0), { x: middle, y: 'name', stroke: colors.ink, insetTop: 8, insetBottom: 8 }),
      termText,
      text([[0, logarithmic ? 'P and Q, log scale' : 'P and Q'], [middle, 'term']], { x: ([x]: [number, string]) => x, text: ([, label]: [number, string]) => label, frameAnchor: 'top', dy: -20, textAnchor: 'start', fill: colors.faint, fontSize: 12 }),
    ],
    color: { type: 'identity' },
  }).svg;
}
