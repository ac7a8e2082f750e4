import { float64s, uint32s } from '../../memory/small-arrays.ts';

/** Points of one side: the coordinates of the first, then of the next. */
export type Points = { readonly count: number; readonly coordinates: number; readonly data: Float64Array };

/** Points of a node that is not divided: looking at all of them takes less time than choosing among halves. */
const leafSize = 16;

/**
 * A k-d tree (Bentley 1975, doi:10.1145/361002.361007): points in halves along the coordinate that they are spread out in the most, by their
 * median. Memory is a number for each point, and two for each leaf.
 */
export class KdTree {
  readonly points: Points;
  /** The points in the order of the tree: each node has a run of them. */
  readonly #order: Uint32Array;
  /** Of inner nodes, the children of node i being 2i + 1 and 2i + 2: the coordinate that they divide, and where. */
  readonly #axes: Uint32Array;
  readonly #splits: Float64Array;

  constructor(points: Points, check: () => void = () => {}) {
    this.points = points;
    const nodes = 2 ** (Math.ceil(Math.log2(Math.max(1, points.count / leafSize))) + 1);
    this.#axes = uint32s(nodes);
    this.#splits = float64s(nodes);
    this.#order = uint32s(points.count);
    for (let i = 0; i < points.count; i++) this.#order[i] = i;
    this.#divide(0, 0, points.count, check);
  }

  /**
   * Returns the square of the distance from a point to its k-th nearest neighbour among those of the tree.
   * @param of the points that it is one of, and its position there
   * @param nearest room for k numbers
   * @param isItself whether the tree has it, so that it is no neighbour of itself
   */
  squaredDistance(of: Points, at: number, nearest: Float64Array, isItself: boolean): number {
    nearest.fill(Number.POSITIVE_INFINITY);
    this.#search(0, 0, this.points.count, { data: of.data, start: at * of.coordinates, itself: isItself ? at : -1, nearest });
    return nearest[nearest.length - 1];
  }

  #divide(node: number, begin: number, end: number, check: () => void): void {
    if (end - begin <= leafSize) return;
    check();
    const axis = this.#widestAxis(begin, end);
    const middle = (begin + end) >>> 1;
    this.#select(axis, begin, end - 1, middle);
    this.#axes[node] = axis;
    this.#splits[node] = this.#coordinate(middle, axis);
    this.#divide(2 * node + 1, begin, middle, check);
    this.#divide(2 * node + 2, middle, end, check);
  }

  #coordinate(position: number, axis: number): number {
    return this.points.data[this.#order[position] * this.points.coordinates + axis];
  }

  #widestAxis(begin: number, end: number): number {
    let [widest, most] = [0, -1];
    for (let axis = 0; axis < this.points.coordinates; axis++) {
      let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let position = begin; position < end; position++) {
        const x = this.#coordinate(position, axis);
        if (x < lowest) lowest = x;
        if (x > highest) highest = x;
      }
      if (highest - lowest > most) [widest, most] = [axis, highest - lowest];
    }
    return widest;
  }

  /** Puts the point there that stands at `middle` in the order along an axis, the lower ones before it: Hoare's selection, doi:10.1145/366622.366647 */
  #select(axis: number, first: number, last: number, middle: number): void {
    const order = this.#order;
    let [low, high] = [first, last];
    while (low < high) {
      const pivot = median(this.#coordinate(low, axis), this.#coordinate((low + high) >>> 1, axis), this.#coordinate(high, axis));
      let [i, j] = [low, high];
      while (i <= j) {
        while (this.#coordinate(i, axis) < pivot) i++;
        while (this.#coordinate(j, axis) > pivot) j--;
        if (i > j) break;
        [order[i], order[j]] = [order[j], order[i]];
        i++;
        j--;
      }
      if (middle <= j) high = j;
      else if (middle >= i) low = i;
      else return;
    }
  }

  #search(node: number, begin: number, end: number, query: Query): void {
    if (end - begin <= leafSize) return this.#searchLeaf(begin, end, query);
    const { data, start, nearest } = query;
    const away = data[start + this.#axes[node]] - this.#splits[node];
    const middle = (begin + end) >>> 1;
    const isLower = away < 0;
    if (isLower) this.#search(2 * node + 1, begin, middle, query);
    else this.#search(2 * node + 2, middle, end, query);
    // what is beyond the split is at least as far as the split
    if (away * away >= nearest[nearest.length - 1]) return;
    if (isLower) this.#search(2 * node + 2, middle, end, query);
    else this.#search(2 * node + 1, begin, middle, query);
  }

  #searchLeaf(begin: number, end: number, { data, start, itself, nearest }: Query): void {
    const { data: own, coordinates } = this.points;
    const last = nearest.length - 1;
    for (let position = begin; position < end; position++) {
      const point = this.#order[position];
      if (point === itself) continue;
      let squared = 0;
      for (let axis = 0; axis < coordinates; axis++) {
        const difference = own[point * coordinates + axis] - data[start + axis];
        squared += difference * difference;
      }
      if (squared < nearest[last]) insert(nearest, squared);
    }
  }
}

type Query = { readonly data: Float64Array; readonly start: number; readonly itself: number; readonly nearest: Float64Array };

/** Puts a number among those in ascending order, of which the largest falls out. */
function insert(nearest: Float64Array, value: number): void {
  let at = nearest.length - 1;
  while (at > 0 && nearest[at - 1] > value) {
    nearest[at] = nearest[at - 1];
    at--;
  }
  nearest[at] = value;
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** Returns points scaled by one power of 2 on both sides, which changes no ratio of distances, so that no square overflows. */
export function scaled(sides: readonly Points[]): Points[] {
  let largest = 0;
  for (const { data } of sides) for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]));
  const scale = largest === 0 ? 1 : 2 ** -Math.ceil(Math.log2(largest));
  return sides.map((side) => {
    const data = float64s(side.data.length);
    for (let i = 0; i < data.length; i++) data[i] = side.data[i] * scale;
    return { ...side, data };
  });
}
