import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsOf, largestOf } from '../../../src/explorer/pictures/cells.ts';
import { geometryOf } from '../../../src/explorer/pictures/geometry.ts';
import { countsOnlyRead, unitCount, unitsOf } from '../../../src/explorer/pictures/units.ts';
import { layoutOf, positionsOf } from '../../../src/explorer/tensors/layout.ts';
import { sizeOf } from '../../../src/explorer/tensors/tensor.ts';
import { ask } from '../../helper.ts';

const cases: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[5], [0]],
  [[5, 2], [0]],
  [[5, 2], [1]],
  [
    [5, 2],
    [0, 1],
  ],
  [[4, 3, 2], [0]],
  [[4, 3, 2], [1]],
  [[4, 3, 2], [2]],
  [
    [4, 3, 2],
    [0, 2],
  ],
  [
    [4, 3, 2],
    [1, 2],
  ],
  [
    [3, 2, 2, 3],
    [1, 3],
  ],
];

for (const [shape, dim] of cases) {
  const name = `(${shape.join(', ')}) along dim ${dim.join(', ')}`;

  test(`of ${name} each element has one cell, and each distribution is a rectangle of its elements`, () => {
    const layout = layoutOf(shape, dim);
    const seen = new Set<number>();
    for (let row = 0; row < layout.rows; row++) {
      for (let column = 0; column < layout.columns; column++) {
        const position = layout.positionAt(row, column);
        seen.add(position);
        assert.deepEqual(layout.cellOf(position), { row, column });
        const distribution = layout.distributionAt(row, column);
        const { top, left, bottom, right } = layout.rectangleOf(distribution);
        assert.ok(row >= top && row < bottom && column >= left && column < right);
        assert.ok(positionsOf(distribution, { shape, dim }).includes(position));
      }
    }
    assert.equal(seen.size, sizeOf(shape));
  });

  test(`of ${name} the grid has as many parts as each reduction divides by`, () => {
    const numbers = { shape, data: Array.from({ length: sizeOf(shape) }, (_, place) => Math.sin(place)) };
    const { divisors } = ask({ input: numbers, target: numbers, dim, reduction: ['sum', 'mean', 'batchmean', 'distribution_mean'] });
    const layout = layoutOf(shape, dim);
    for (const [reduction, divisor] of Object.entries(divisors)) {
      assert.equal(unitCount(reduction, layout), divisor, reduction);
      assert.equal(unitsOf(reduction, layout, 1000).length, divisor, reduction);
    }
  });

  test(`of ${name} the place under a pointer is the cell that is drawn there`, () => {
    const layout = layoutOf(shape, dim);
    const geometry = geometryOf(layout, 800, { left: 60, top: 40, right: 10, bottom: 10 });
    for (let row = 0; row < layout.rows; row++) {
      for (let column = 0; column < layout.columns; column++) {
        const { x, y, width, height } = geometry.boxOf({ top: row, left: column, bottom: row + 1, right: column + 1 });
        assert.deepEqual(geometry.placeAt(x + width / 2, y + height / 2), { row, column });
      }
    }
  });
}

test('a grid with more cells than there is room for has the mean of the terms in each, without those that are not read', () => {
  const layout = layoutOf([4, 4], [1]);
  const data = Float64Array.from({ length: 16 }, (_, place) => place);
  data[0] = Number.NaN;
  const cells = cellsOf({ shape: [4, 4], data }, layout, { rows: 2, columns: 2, step: { row: 2, column: 2 } });
  assert.deepEqual(
    cells.map(({ row, column, value }) => [row, column, value]),
    [
      [0, 0, 10 / 3],
      [0, 2, 4.5],
      [2, 0, 10.5],
      [2, 2, 12.5],
    ],
  );
});

test('colours reach as far as the largest finite term', () => {
  const cells = [-3, 2, Number.POSITIVE_INFINITY, Number.NaN].map((value, row) => ({ row, column: 0, value }));
  assert.equal(largestOf(cells), 3);
});

test('weights leave out elements and distributions, and never rows', () => {
  assert.deepEqual(['sum', 'mean', 'batchmean', 'distribution_mean'].map(countsOnlyRead), [false, true, false, true]);
});
