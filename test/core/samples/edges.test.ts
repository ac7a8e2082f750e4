import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgesFor } from '../../../src/core/samples/edges.ts';
import { choiceOf, golden, observationsOf } from './golden.ts';

for (const [name, { bins }] of Object.entries(golden.samples)) {
  for (const [rule, { edges }] of Object.entries(bins)) {
    test(`${rule} bins of ${name} have the edges of NumPy`, () => {
      assert.deepEqual([...edgesFor(choiceOf(rule), observationsOf(name)).values], edges);
    });
  }
}

const { input, target } = observationsOf('log-normal');
const scaled = (rows: readonly Float64Array[], unit: number) => rows.map((row) => row.map((x) => unit * x));

test('the number of bins does not depend on the unit, from the smallest to the largest numbers', () => {
  const bins = (unit: number) => edgesFor('doane', { input: scaled(input, unit), target: scaled(target, unit) }).values.length;
  for (const unit of [1e-307, 1e-200, 1e200, 1e268]) assert.equal(bins(unit), bins(1), String(unit));
});

test('of no observations there is one bin from 0 to 1, as NumPy has it', () => {
  const none = { input: [new Float64Array()], target: [new Float64Array()] };
  for (const rule of ['doane', 'sturges', 'deciles'] as const) assert.deepEqual([...edgesFor(rule, none).values], [0, 1]);
});

test('numbers so close that float64 has no edges between them get fewer bins', () => {
  const close = { input: [Float64Array.of(1, 1 + 2 ** -52)], target: [Float64Array.of(1, 1 + 2 ** -51)] };
  assert.deepEqual([...edgesFor(10, close).values], [1, 1 + 2 ** -52, 1 + 2 ** -51]);
});

test('numbers that are all one number are in one bin, however large it is', () => {
  for (const x of [0, -3, 2 ** 52, 1e20, -1e269]) {
    const same = { input: [Float64Array.of(x, x)], target: [Float64Array.of(x)] };
    for (const rule of ['doane', 'sturges', 'deciles', 1] as const) {
      const [first, last, ...others] = edgesFor(rule, same).values;
      assert.ok(first < x && x < last && others.length === 0, `${rule} of ${x}`);
    }
    const { values } = edgesFor(10, same);
    assert.ok(values[0] < x && x < values[values.length - 1] && values.length >= 2, String(x));
  }
});

test('the edges of several rows are those of all of them together', () => {
  const halves = ([row]: readonly Float64Array[]) => [row.slice(0, 30), row.slice(30)];
  for (const rule of ['doane', 'sturges', 'deciles', 5] as const) {
    assert.deepEqual(
      edgesFor(rule, { input: halves(input), target: halves(target) }).values.length,
      edgesFor(rule, { input, target }).values.length,
    );
  }
});

test('given edges are taken as they are', () => {
  assert.deepEqual([...edgesFor([0, 1, 10], { input, target }).values], [0, 1, 10]);
});
