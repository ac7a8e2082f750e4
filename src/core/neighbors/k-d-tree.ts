import { float64s, uint32s } from '../../memory/small-arrays.ts';

/** Points of one side: the coordinates of the first, then of the next. */
export type Points = {
  readonly count: number;
  readonly coordinates: number;
  readonly data: Float64Array;
  /** Where a point stands in the request. */
  readonly pointerTo: (at: number) => string;
};

/** Points of a node that is not divided: looking at all of them takes less time than choosing among halves. */
const leafSize = 16;

/**
 * A k-d tree (Bentley 1975, doi:10.1145/361002.361007): points in halves along the coordinate that they are spread out in the most, by
 * their median. Memory is that of the points, and a few numbers for each leaf.
 */
export class KdTree {
  readonly points: Points;
  /** The points in the order of the tree: each node has a run of them. */
  readonly #order: Uint32Array;
  /** Of inner nodes, the children of node i being 2i + 1 and 2i + 2: the coordinate that they divide, and where. */
  readonly #axes: Uint32Array;
  readonly #splits: Float64Array;
  /** The coordinates of the points in the order of the tree, so that those of a leaf lie side by side. */
  readonly #data: Float64Array;

  constructor(points: Points, check: () => void = () => {}) {
    this.points = points;
    const nodes = 2 ** (Math.ceil(Math.log2(Math.max(1, points.count / leafSize))) + 1);
    this.#axes = uint32s(nodes);
    this.#splits = float64s(nodes);
    this.#order = uint32s(points.count);
    for (let i = 0; i < points.count; i++) this.#order[i] = i;
    this.#divide(0, 0, points.count, check);
    const { coordinates, data } = points;
    this.#data = float64s(data.length);
    for (let position = 0; position < points.count; position++) {
      const start = this.#order[position] * coordinates;
      for (let axis = 0; axis < coordinates; axis++) this.#data[position * coordinates + axis] = data[start + axis];
    }
  }

  /**
   * Returns the square of the distance from a point to its k-th nearest neighbour among those of the tree.
   * @param of the points that it is one of, and its position there
   * @param nearest room for k numbers
   * @param isItself whether the tree has it, so that it is no neighbour of itself
   */
  squaredDistance(of: Points, at: number, nearest: Float64Array, isItself: boolean): number {
    nearest.fill(Number.POSITIVE_INFINITY);
    const aways = float64s(of.coordinates);
    this.#search(0, 0, this.points.count, 0, { data: of.data, start: at * of.coordinates, itself: isItself ? at : -1, nearest, aways });
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

  /**
   * Puts the point there that stands at `middle` in the order along an axis, the lower ones before it: Hoare's selection,
   * doi:10.1145/366622.366647
   */
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

  /** @param reach the square of the distance from the query to the region of the node */
  #search(node: number, begin: number, end: number, reach: number, query: Query): void {
    if (end - begin <= leafSize) {
      this.#searchLeaf(begin, end, query);
      return;
    }
    const { data, start, nearest, aways } = query;
    const axis = this.#axes[node];
    const away = data[start + axis] - this.#splits[node];
    const middle = (begin + end) >>> 1;
    const isLower = away < 0;
    if (isLower) this.#search(2 * node + 1, begin, middle, reach, query);
    else this.#search(2 * node + 2, middle, end, reach, query);
    // Arya and Mount 1993, doi:10.1109/DCC.1993.253111: what is beyond the split is as far as the region on all axes together
    const before = aways[axis];
    const beyond = reach - before * before + away * away;
    // the sum may be rounded up
    if (beyond * nearly1 >= nearest[nearest.length - 1]) return;
    aways[axis] = away;
    if (isLower) this.#search(2 * node + 2, middle, end, beyond, query);
    else this.#search(2 * node + 1, begin, middle, beyond, query);
    aways[axis] = before;
  }

  #searchLeaf(begin: number, end: number, { data, start, itself, nearest }: Query): void {
    const { coordinates } = this.points;
    const own = this.#data;
    const last = nearest.length - 1;
    for (let position = begin; position < end; position++) {
      const most = nearest[last];
      const first = position * coordinates;
      let squared = 0;
      for (let axis = 0; axis < coordinates && squared < most; axis++) {
        const difference = own[first + axis] - data[start + axis];
        squared += difference * difference;
      }
      if (squared < most && this.#order[position] !== itself) insert(nearest, squared);
    }
  }
}

const nearly1 = 1 - 1e-12;

type Query = {
  readonly data: Float64Array;
  readonly start: number;
  readonly itself: number;
  readonly nearest: Float64Array;
  /** How far the region of a node is from the query, along each axis. */
  readonly aways: Float64Array;
};

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

/**
 * Returns points scaled by one power of 2 on both sides, which changes no ratio of distances: the largest coordinate becomes nearly 2^500,
 * so that no square overflows, and one underflows only of distances below 2^-1011, 5e-305, of that coordinate.
 */
export function scaled(sides: readonly Points[]): Points[] {
  let largest = 0;
  for (const { data } of sides) for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]));
  const exponent = largest === 0 ? 0 : 500 - Math.ceil(Math.log2(largest));
  // for subnormal numbers one factor would be infinite
  const [first, second] = [2 ** Math.floor(exponent / 2), 2 ** Math.ceil(exponent / 2)];
  return sides.map((side) => {
    const data = float64s(side.data.length);
    for (let i = 0; i < data.length; i++) data[i] = side.data[i] * first * second;
    return { ...side, data };
  });
}
