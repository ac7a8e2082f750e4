import type { Numbers } from '../../tensor/tensor.ts';
import { quantilesOf } from '../statistics/quantiles.ts';
import { type Observations, type Summary, skewness, summarize } from './observations.ts';
import { orderedAt } from './order.ts';

/**
 * The edges of bins, ascending: one more than there are bins. `isUniform` where all bins have one width and every observation lies in one.
 */
type Edges = { readonly values: Float64Array; readonly isUniform: boolean };

/** Rules that find the edges from the observations. */
export const binRules = {
  doane: {
    meaning: "Doane's number of bins of equal width, from both sides together: Sturges' with an allowance for skewness",
    edges: (observed: Observations) => byWidth(observed, doaneWidth),
  },
  sturges: {
    meaning: "Sturges' number of bins of equal width, log2(n) + 1 rounded up, from both sides together",
    edges: (observed: Observations) => byWidth(observed, sturgesWidth),
  },
  deciles: {
    meaning: 'the deciles of `target`, as PSI is usually computed: ten bins, or fewer where deciles coincide',
    edges: ({ target }: Observations) => deciles(target),
  },
} as const;

type BinRule = keyof typeof binRules;

/** A rule, a number of bins of equal width, or edges in ascending order. */
export type BinChoice = BinRule | number | readonly number[];

/** Returns the edges that a choice makes of the observations. Rules and numbers of bins give those of `numpy.histogram_bin_edges`. */
export function edgesFor(choice: BinChoice, observed: Observations): Edges {
  if (typeof choice === 'string') return binRules[choice].edges(observed);
  if (typeof choice === 'number') return uniform(summarize([...observed.input, ...observed.target]), choice);
  return { values: Float64Array.from(choice), isUniform: false };
}

type Width = (rows: readonly Numbers[], summary: Summary) => number;

/** Bins of one width, as many as the range needs to have none wider than asked for. */
function byWidth({ input, target }: Observations, widthOf: Width): Edges {
  const rows = [...input, ...target];
  const summary = summarize(rows);
  const width = widthOf(rows, summary);
  if (!(width > 0)) return uniform(summary, 1);
  return uniform(summary, Math.ceil((summary.highest - summary.lowest) / width));
}

/** Sturges 1926, doi:10.1080/01621459.1926.10502161 */
function sturgesWidth(_: readonly Numbers[], { count, lowest, highest }: Summary): number {
  return (highest - lowest) / (Math.log2(count) + 1);
}

/** Doane 1976, doi:10.1080/00031305.1976.10479172 */
function doaneWidth(rows: readonly Numbers[], summary: Summary): number {
  const { count, lowest, highest } = summary;
  if (count <= 2) return 0;
  const skew = skewness(rows, summary);
  if (skew === undefined) return 0;
  const deviation = Math.sqrt((6 * (count - 2)) / ((count + 1) * (count + 3)));
  return (highest - lowest) / (1 + Math.log2(count) + Math.log2(1 + Math.abs(skew) / deviation));
}

/**
 * As many bins of one width as asked for, fewer only where float64 has no edges between. A range without width becomes one of width 1, or
 * of a few float64s.
 */
function uniform({ count, lowest, highest }: Summary, bins: number): Edges {
  // beyond 2^52 a half is less than the distance to the next float64
  const half = Math.max(0.5, Math.abs(lowest) * 2 ** -52);
  const [first, last] = count === 0 ? [0, 1] : lowest === highest ? [lowest - half, highest + half] : [lowest, highest];
  const step = (last - first) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => first + (step === 0 ? (i / bins) * (last - first) : i * step));
  edges[bins] = last;
  const values = distinct(edges);
  return { values, isUniform: values.length === edges.length && Number.isFinite(bins / (last - first)) };
}

/**
 * The distinct deciles from the lowest to the highest. If a tenth or more of the numbers equal the highest, they have a bin of their own,
 * whose edges are both that number.
 */
function deciles(target: readonly Numbers[]): Edges {
  const ordered = orderedAt(target, ranksOfTenths);
  const [lowest, highest] = [ordered.at(0), ordered.at(ordered.length - 1)];
  if (ordered.length === 0 || lowest === highest) return { ...uniform(summarize(target), 1), isUniform: false };
  const all = Float64Array.from(tenths, quantilesOf(ordered));
  const values = distinct(all);
  return { values: all[9] === all[10] ? Float64Array.of(...values, all[10]) : values, isUniform: false };
}

const tenths = Array.from({ length: 11 }, (_, tenth) => (tenth === 10 ? 1 : tenth * 0.1));

/** The ranks between which the deciles of so many numbers lie. */
function ranksOfTenths(length: number): number[] {
  return tenths.flatMap((tenth) => [Math.floor(tenth * (length - 1)), Math.ceil(tenth * (length - 1))]);
}

/** Ascending numbers, each once. */
function distinct(ascending: Float64Array): Float64Array {
  return ascending.filter((x, i) => i === 0 || x > ascending[i - 1]);
}
