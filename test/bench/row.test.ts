import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atLeast, atMost, ratioRows, variantRows } from './row.ts';

const measured = { group: 'large', work: 'JSON', unit: 'ms', medians: { ours: 50, rust: 100 }, absent: { go: 'no go' } };

test('a ratio names its quantity and both sides, and keeps their medians in its order', () => {
  const [row] = ratioRows(measured, [{ over: 'ours', under: 'rust', required: atMost(0.4) }]);
  assert.equal(row.figure, 'time, ours ÷ Rust (hyper, sonic-rs)');
  assert.deepEqual([row.measured, row.required, row.outcome, row.unit], [0.5, '<= 0.4', 'fail', 'ms']);
  assert.deepEqual(Object.keys(row.medians), ['ours', 'rust']);
});

test('a ratio to an absent competitor says why it was not measured', () => {
  const [row] = ratioRows(measured, [{ over: 'go', under: 'ours', required: atLeast(1) }]);
  assert.deepEqual([row.measured, row.required, row.outcome], [null, '>= 1', 'absent: no go']);
});

test('variants are all competitors but the one that they are divided by, under one figure', () => {
  const rows = variantRows({ ...measured, medians: { dense: 10, ids: 20, names: 30 } }, 'lists', 'dense', atMost(2));
  assert.deepEqual(
    rows.map(({ variant, figure, measured, outcome }) => [variant, figure, measured, outcome]),
    [
      ['ids', 'time, lists ÷ dense', 2, 'pass'],
      ['names', 'time, lists ÷ dense', 3, 'fail'],
    ],
  );
});
