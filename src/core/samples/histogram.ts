import { float64s, uint32s } from '../../memory/small-arrays.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import type { SideName } from '../comparison.ts';
import { type BinChoice, type Edges, edgesFor } from './edges.ts';
import type { Observations } from './observations.ts';

/** The bins that all rows of both sides share. */
export type Histogram = {
  /** What the bins are: categories, or numbers between edges, of which there is one more than of bins. */
  readonly categories?: readonly string[];
  readonly edges?: Float64Array;
  readonly bins: number;
  /** Counts how often each bin was observed on a side, in its first row, then in the next. There may be many more counts than observations. */
  readonly count: (name: SideName) => Float64Array;
};

/**
 * Returns bins of numbers. A bin holds its lower edge and not its upper one. The first and the last are open: what lies below the lowest edge or
 * above the highest is counted there.
 */
export function binNumbers(observed: Observations, choice: BinChoice): Histogram {
  const edges = edgesFor(choice, observed);
  const bins = edges.values.length - 1;
  const count = (name: SideName) => {
    const counts = float64s(observed[name].length * bins);
    for (const [index, row] of observed[name].entries()) counts.set(countsOf(row, edges), index * bins);
    return counts;
  };
  return { edges: edges.values, bins, count };
}

function countsOf(row: Numbers, { values, isUniform }: Edges): Uint32Array {
  return isUniform ? countUniform(row, values) : countBetween(row, values);
}

/** Counts in bins of one width. Where rounding has put a number across an edge, the edge has the word. */
function countUniform(values: Numbers, edges: Float64Array): Uint32Array {
  const bins = edges.length - 1;
  // a bin for what equals the highest edge, and an edge above it that nothing reaches
  const counts = uint32s(bins + 1);
  const bounds = Float64Array.of(...edges, Number.POSITIVE_INFINITY);
  const first = edges[0];
  const scale = bins / (edges[bins] - first);
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    const bin = ((x - first) * scale) | 0;
    counts[bin + (x >= bounds[bin + 1] ? 1 : 0) - (x < bounds[bin] ? 1 : 0)]++;
  }
  counts[bins - 1] += counts[bins];
  return counts.subarray(0, bins);
}

/** Parts of the range of the inner edges, of which most hold no edge. */
const parts = 2 ** 10;

/**
 * Counts in any bins: that of a number is how many of the inner edges it has reached. The part in which it lies tells all edges but those
 * in the same part, among which it is searched.
 */
function countBetween(values: Numbers, edges: Float64Array): Uint32Array {
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
  for (let i = 0; i < values.length; i++) {
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
}

/** Categories that were observed on both sides, in rows as numbers are. */
export type ObservedCategories = Readonly<Record<SideName, readonly (readonly string[])[]>>;

/** Returns the categories of all rows of both sides, in the order of their UTF-16 units. */
export function binCategories(observed: ObservedCategories): Histogram {
  const categories = [...new Set([...observed.input, ...observed.target].flatMap((row) => [...new Set(row)]))].sort();
  const places = new Map(categories.map((category, place) => [category, place]));
  const bins = categories.length;
  const count = (name: SideName) => {
    const counts = float64s(observed[name].length * bins);
    for (const [index, row] of observed[name].entries()) {
      for (const category of row) counts[index * bins + (places.get(category) as number)]++;
    }
    return counts;
  };
  return { categories, bins, count };
}
