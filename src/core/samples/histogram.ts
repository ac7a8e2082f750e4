import { float64s, uint32s } from '../../memory/small-arrays.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import type { SideName } from '../comparison.ts';
import { type BinChoice, edgesFor } from './edges.ts';

/** The bins that all rows of both sides share. */
export type Histogram = {
  /** What the bins are: categories, or numbers between edges, of which there is one more than of bins. */
  readonly categories?: readonly string[];
  readonly edges?: Float64Array;
  readonly bins: number;
  /**
   * Counts how often each bin was observed on a side, in its first row, then in the next. There may be many more counts than observations.
   */
  readonly count: (name: SideName) => Float64Array;
};

/** Observations of both sides in rows, one behind the other, and how many each row has: as many rows on one side as on the other. */
type ObservedRows<Values> = Readonly<Record<SideName, { readonly values: Values; readonly lengths: Uint32Array }>>;

/**
 * Returns bins of numbers. A bin holds its lower edge and not its upper one. The first and the last are open: what lies below the lowest
 * edge or above the highest is counted there.
 */
export function binNumbers(observed: ObservedRows<Numbers>, choice: BinChoice): Histogram {
  const edges = edgesFor(choice, { input: [observed.input.values], target: [observed.target.values] });
  const bins = edges.values.length - 1;
  const count = (name: SideName) => {
    const { values, lengths } = observed[name];
    const counts = float64s(lengths.length * bins);
    const countRow = edges.isUniform ? uniformCounter(edges.values) : counterBetween(edges.values);
    let from = 0;
    for (let row = 0; row < lengths.length; row++) {
      counts.set(countRow(values, from, from + lengths[row]), row * bins);
      from += lengths[row];
    }
    return counts;
  };
  return { edges: edges.values, bins, count };
}

/** Counts some of the numbers. Its counts are valid until it is called again. */
type Counter = (values: Numbers, from: number, to: number) => Uint32Array;

/** Counts in bins of one width. Where rounding has put a number across an edge, the edge has the word. */
function uniformCounter(edges: Float64Array): Counter {
  const bins = edges.length - 1;
  // a bin for what equals the highest edge, and an edge above it that nothing reaches
  const counts = uint32s(bins + 1);
  const bounds = Float64Array.of(...edges, Number.POSITIVE_INFINITY);
  const first = edges[0];
  const scale = bins / (edges[bins] - first);
  const ofBins = counts.subarray(0, bins);
  return (values, from, to) => {
    counts.fill(0);
    for (let i = from; i < to; i++) {
      const x = values[i];
      const bin = ((x - first) * scale) | 0;
      counts[bin + (x >= bounds[bin + 1] ? 1 : 0) - (x < bounds[bin] ? 1 : 0)]++;
    }
    counts[bins - 1] += counts[bins];
    return ofBins;
  };
}

/** Parts of the range of the inner edges, of which most hold no edge. */
const parts = 2 ** 10;

/**
 * Counts in any bins: that of a number is how many of the inner edges it has reached. The part in which it lies tells all edges but those
 * in the same part, among which it is searched.
 */
function counterBetween(edges: Float64Array): Counter {
  const counts = uint32s(edges.length - 1);
  const inner = edges.subarray(1, -1);
  const lowest = inner[0];
  const wide = parts / (inner[inner.length - 1] - lowest);
  const scale = Number.isFinite(wide) ? wide : 0;
  // ascending, as x is
  const partOf = (x: number) => Math.max(0, Math.min(parts, (x - lowest) * scale)) | 0;
  /** How many inner edges lie in parts below each. */
  const reached = uint32s(parts + 2);
  for (const edge of inner) reached[partOf(edge) + 1]++;
  for (let part = 1; part < reached.length; part++) reached[part] += reached[part - 1];
  return (values, from, to) => {
    counts.fill(0);
    for (let i = from; i < to; i++) {
      const x = values[i];
      const part = partOf(x);
      let bin = reached[part];
      let last = reached[part + 1];
      while (bin < last) {
        const middle = (bin + last) >> 1;
        if (x >= inner[middle]) bin = middle + 1;
        else last = middle;
      }
      counts[bin]++;
    }
    return counts;
  };
}

/** Returns the categories of all rows of both sides, in the order of their UTF-16 units. */
export function binCategories(observed: ObservedRows<readonly string[]>): Histogram {
  const seen = new Set(observed.input.values);
  for (const category of observed.target.values) seen.add(category);
  const categories = [...seen].sort();
  const places = new Map(categories.map((category, place) => [category, place]));
  const bins = categories.length;
  const count = (name: SideName) => {
    const { values, lengths } = observed[name];
    const counts = float64s(lengths.length * bins);
    let from = 0;
    for (let row = 0; row < lengths.length; row++) {
      for (const end = from + lengths[row]; from < end; from++) counts[row * bins + (places.get(values[from]) as number)]++;
    }
    return counts;
  };
  return { categories, bins, count };
}
