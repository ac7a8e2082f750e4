import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderedAt } from '../../../src/core/samples/order.ts';
import { normals, seededRandom } from '../../kernels/rows.ts';

const random = seededRandom(15);
const length = 40_000;

/** Numbers as they may come: in one part of their range nearly all, many equal ones, both zeros, and beyond what a range may be. */
const kinds: Readonly<Record<string, () => Float64Array>> = {
  'normally distributed': () => normals(random, length),
  'heavy tails': () => normals(random, length).map((x) => Math.exp(20 * x)),
  'an outlier': () => normals(random, length).with(7, 1e200),
  'few distinct ones': () => normals(random, length).map((x) => Math.round(x)),
  'both zeros': () => normals(random, length).map((x) => (x > 0.3 ? x : x > 0 ? 0 : -0)),
  'a range that is no double': () => normals(random, length).map((x) => x * 1e307),
  'the smallest numbers': () => normals(random, length).map((x) => x * 1e-320),
  'all equal': () => new Float64Array(length).fill(3),
  few: () => normals(random, 100),
  none: () => new Float64Array(),
};

for (const [kind, make] of Object.entries(kinds)) {
  test(`numbers at some ranks are those of all sorted ones: ${kind}`, () => {
    const values = make();
    const ranks = [0, 1, 2, 100, 4_000, 4_001, 19_999, 20_000, 39_998, 39_999].filter((rank) => rank < values.length);
    const ordered = orderedAt([values.subarray(0, 77), values.subarray(77)], () => ranks);
    const sorted = values.toSorted();
    assert.equal(ordered.length, values.length);
    assert.deepEqual(
      ranks.map((rank) => ordered.at(rank)),
      ranks.map((rank) => sorted[rank]),
    );
  });
}
