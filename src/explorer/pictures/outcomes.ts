import { barX, ruleX, text, tickX } from '@observablehq/plot';
import { mostOutcomes, type OutcomeRow } from '../results/one-distribution.ts';
import { colors } from './colors.ts';
import { draw } from './draw.ts';
import { inShort } from './numbers.ts';

type OutcomeView = { readonly sorted: boolean; readonly logarithmic: boolean; readonly width: number };

/** Where P and Q end and where the terms have their 0, in shares of the width. */
const [bars, middle, reach] = [0.48, 0.77, 0.15];

/** Returns the outcomes that are shown: those with the largest terms if they are sorted or there are too many. */
function shownOutcomes(all: readonly OutcomeRow[], sorted: boolean): OutcomeRow[] {
  const rows = all.filter(({ together }) => together === undefined);
  const size = ({ term }: OutcomeRow) => (Number.isNaN(term) ? -1 : Math.abs(term));
  const bySize = rows.toSorted((a, b) => size(b) - size(a));
  if (sorted) return bySize.slice(0, mostOutcomes);
  const kept = new Set(bySize.slice(0, mostOutcomes));
  return rows.filter((row) => kept.has(row));
}

/** Says what is not in the picture, which has no room for a bar that dwarfs all others. */
export function captionOfOutcomes(all: readonly OutcomeRow[]): string {
  const shown = new Set(shownOutcomes(all, true));
  const others = all.filter((row) => !shown.has(row));
  if (others.length === 0) return '';
  const count = others.reduce((sum, { together = 1 }) => sum + together, 0);
  const total = (of: (row: OutcomeRow) => number) => inShort(others.reduce((sum, row) => sum + (of(row) || 0), 0));
  const sums = `P = ${total(({ p }) => p)}, Q = ${total(({ q }) => q)}, term ${total(({ term }) => term)}`;
  return `The ${shown.size} outcomes with the largest terms, of ${shown.size + count}. The other ${count} together: ${sums}.`;
}

/** Returns P and Q of one distribution as bars, outcome by outcome, and the terms beside them on a scale of their own. */
export function drawOutcomes(all: readonly OutcomeRow[], { sorted, logarithmic, width }: OutcomeView): SVGSVGElement {
  const rows = shownOutcomes(all, sorted);
  const band = rows.length > 20 ? 22 : 28;
  const headings: [number, string][] = [
    [0, logarithmic ? 'P and Q, log scale' : 'P and Q'],
    [middle, 'term'],
  ];
  return draw('P and Q of one distribution by outcome, and the term of each', {
    width,
    height: 34 + rows.length * band + 6,
    marginLeft: Math.min(150, 26 + 7 * Math.max(...rows.map(({ name }) => name.length))),
    marginRight: 8,
    marginTop: 34,
    marginBottom: 6,
    x: { domain: [0, 1], axis: null },
    y: { domain: rows.map(({ name }) => name), padding: 0, label: null, tickSize: 0 },
    color: { type: 'identity' },
    marks: [
      ...probabilityMarks(rows, logarithmic, band),
      ruleX([0, middle], { stroke: colors.line }),
      ...termMarks(rows),
      text(headings, { x: '0', text: '1', frameAnchor: 'top', dy: -20, textAnchor: 'start', fill: colors.faint, fontSize: 12 }),
    ],
  }).svg;
}

function probabilityMarks(rows: readonly OutcomeRow[], logarithmic: boolean, band: number) {
  const share = shareOf(rows, logarithmic);
  const sides = [
    { value: ({ p }: OutcomeRow) => p, fill: colors.target, insetTop: 3.5, insetBottom: band / 2 + 0.5, dy: -band / 4 },
    { value: ({ q }: OutcomeRow) => q, fill: colors.input, insetTop: band / 2 + 0.5, insetBottom: 3.5, dy: band / 4 },
  ];
  return sides.flatMap(({ value, fill, insetTop, insetBottom, dy }) => {
    const end = (row: OutcomeRow) => share(value(row));
    return [
      barX(rows, { x1: 0, x2: end, y: 'name', fill, insetTop, insetBottom, rx: 1 }),
      text(rows, { x: end, y: 'name', text: (row: OutcomeRow) => inShort(value(row)), dx: 4, dy, textAnchor: 'start', fill, fontSize: 11 }),
    ];
  });
}

/** Returns how far the bar of a probability reaches: on a log scale from half of the smallest on. */
function shareOf(rows: readonly OutcomeRow[], logarithmic: boolean): (value: number) => number {
  const above = rows.flatMap(({ p, q }) => [p, q]).filter((value) => value > 0 && Number.isFinite(value));
  const highest = Math.max(...above, 0);
  const lowest = Math.min(...above, 1) / 2;
  return (value) => {
    if (!(value > 0)) return 0;
    return bars * (logarithmic ? Math.log(value / lowest) / Math.log(highest / lowest) : value / highest);
  };
}

function termMarks(rows: readonly OutcomeRow[]) {
  const largest = Math.max(...rows.map(({ term }) => Math.abs(term)).filter(Number.isFinite), 0);
  const end = ({ term }: OutcomeRow) => {
    if (Number.isNaN(term) || term === 0) return middle;
    return middle + reach * (Number.isFinite(term) ? term / largest : Math.sign(term));
  };
  const zeros = rows.filter(({ term }) => term === 0);
  return [
    barX(rows, {
      x1: middle,
      x2: end,
      y: 'name',
      fill: ({ term }: OutcomeRow) => (term < 0 ? colors.input : colors.target),
      insetTop: 6,
      insetBottom: 6,
      fillOpacity: 0.75,
    }),
    tickX(zeros, { x: middle, y: 'name', stroke: colors.ink, insetTop: 8, insetBottom: 8 }),
    text(rows, {
      x: (row: OutcomeRow) => Math.max(middle, end(row)),
      y: 'name',
      text: ({ term }: OutcomeRow) => inShort(term),
      dx: 5,
      textAnchor: 'start',
      fill: colors.ink,
      fontSize: 12,
    }),
  ];
}
